// Reads tables of numbers: columns of a text file with # comments.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sqd::test {

/// The columns of `path`: of its longest rows of numbers. Shorter rows (a count on top) and lines of words are passed over.
inline std::vector<std::vector<double>> read_columns(std::filesystem::path const& path) {
    std::vector<std::vector<double>> columns;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::vector<double> row;
        bool numbers = true;
        for (std::string word; words >> word;) {
            char* end = nullptr;
            row.push_back(std::strtod(word.c_str(), &end)); // knows "nan", which streams do not
            numbers = numbers && *end == '\0';
        }
        if (row.empty() || !numbers) continue;
        if (row.size() > columns.size()) columns.assign(row.size(), {});
        if (row.size() != columns.size()) continue;
        for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
    }
    return columns;
}

} // namespace sqd::test
