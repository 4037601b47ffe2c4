// Writes the inputs that fuzzing starts from: make_corpus FOLDER makes FOLDER/<target>/NAME for every target.
#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/targets.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace fs = std::filesystem;

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_corpus FOLDER\n";
        return 64;
    }
    fs::path const folder = argv[1];
    for (auto const& target : sqd::fuzz::targets()) {
        fs::remove_all(folder / target.name); // what a run has added: the next one starts from the same inputs
        fs::create_directories(folder / target.name);
    }
    std::size_t inputs = 0;
    for (auto const& seed : sqd::fuzz::corpus()) {
        if (sqd::fuzz::find_target(seed.target) == nullptr) continue;
        std::ofstream file(folder / seed.target / std::to_string(inputs), std::ios::binary);
        file.write(reinterpret_cast<char const*>(seed.bytes.data()), static_cast<std::streamsize>(seed.bytes.size()));
        if (!file) {
            std::cerr << "make_corpus: cannot write below " << folder << '\n';
            return 74;
        }
        ++inputs;
    }
    std::cout << "make_corpus: " << inputs << " inputs below " << folder.string() << '\n';
    return 0;
}
