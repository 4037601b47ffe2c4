// Reads tables of numbers: columns of a text file with # comments.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sqd::test {

/// The columns of `path`. Lines that are no row of numbers, or have another number of columns than the first row, are passed over.
inline std::vector<std::vector<double>> read_columns(std::filesystem::path const& path) {
    std::vector<std::vector<double>> columns;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::vector<double> row;
        for (double value = 0; words >> value;) row.push_back(value);
        if (row.empty() || !words.eof()) continue;
        if (columns.empty()) columns.resize(row.size());
        if (row.size() != columns.size()) continue;
        for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
    }
    return columns;
}

} // namespace sqd::test
