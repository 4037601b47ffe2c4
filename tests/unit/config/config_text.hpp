// A small valid configuration in a folder of its own, for tests to bend.
#pragma once

#include "config/load.hpp"
#include "pipeline/core/errors.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace sqd::test {

/// A new empty folder that goes when the test ends.
class Folder {
public:
    Folder() {
        auto name = (std::filesystem::temp_directory_path() / "sqd_config_XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    std::string file(std::string const& name) const { return (path_ / name).string(); }
    std::string write(std::string const& name, std::string const& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return file(name);
    }

private:
    std::filesystem::path path_;
};

/// The checkout.
inline std::filesystem::path source_folder() {
    if (char const* named = std::getenv("SQD_SOURCE")) return named;
    return std::filesystem::path(__FILE__).parent_path() / ".." / ".." / "..";
}

inline std::string read_text(std::filesystem::path const& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// `text` with the one occurrence of `from` replaced.
inline std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("the test's text has no '" + from + "'");
    return text.replace(at, from.size(), to);
}

inline std::string const poni = "poni_version: 2\nDetector: Detector\n"
                                "Detector_config: {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"max_shape\": [256, 256]}\n"
                                "Distance: 0.078\nPoni1: 0.004\nPoni2: 0.004\nRot1: 0.0\nRot2: 0.0\nRot3: 0.0\n"
                                "Wavelength: 1.8099882982948943e-11\n";

/// Every section, one key per line; written beside a.poni.
inline std::string const yaml = R"(instance: test
source:
  kind: dectris_stream1
  connect: tcp://127.0.0.1:9999
detector:
  name: Simulated256
  sensor: {material: CdTe, thickness_um: 1000}
  threshold_keV: 20.0
geometry: {poni: a.poni}
beam:
  energy_keV: 68.5
  polarization_factor: 0.97
mask: {files: [], stream: true}
integration:
  npt: 348
  unit: q_A^-1
  radial_range: [0.3, 9.0]
  compat: none
scan: {role: sample}
sample:
  composition: Zr46.8Ti8.2Cu7.5Ni10Be27.5
  density_g_cm3: 6.0
  thickness_um: 30
  transmission: computed
background:
  use: latest
structure_factor:
  normalization: kmn
  q_min_invA: 0.5
  q_max_invA: 8.9
fsdp:
  on: sq
  window_invA: [2.2, 3.1]
pair_distribution: {q_max_invA: 8.9, r_max_A: 20}
results: {bind: "tcp://127.0.0.1:5560"}
control: {bind: "tcp://127.0.0.1:5561"}
archive: {directory: archive}
)";

/// Stands in for the program's readers: a file of '0' and '1', rows on lines; anything else is refused.
inline Mask read_text_mask(std::string const& path) {
    Mask mask;
    std::istringstream lines(read_text(path));
    for (std::string line; std::getline(lines, line); ++mask.rows) {
        if (line.find_first_not_of("01") != std::string::npos) throw DataError("not a text of 0 and 1 (so it is said) write one");
        mask.cols = line.size();
        for (char const digit : line) mask.pixels.push_back(digit == '1' ? 1 : 0);
    }
    return mask;
}

/// The same of an image: numbers with blanks between them, rows on lines.
inline Image<double> read_text_image(std::string const& path) {
    Image<double> image;
    std::istringstream lines(read_text(path));
    for (std::string line; std::getline(lines, line); ++image.rows) {
        std::istringstream words(line);
        std::size_t const before = image.pixels.size();
        for (std::string word; words >> word;) {
            char* end = nullptr;
            image.pixels.push_back(std::strtod(word.c_str(), &end));
            if (*end != '\0') throw DataError("not a text of numbers (so it is said) write one");
        }
        image.cols = image.pixels.size() - before;
    }
    return image;
}

/// rows x cols of '0', with '1' at one place.
inline std::string text_mask(std::size_t rows, std::size_t cols, std::size_t row, std::size_t col) {
    std::string text;
    for (std::size_t r = 0; r < rows; ++r) text += std::string(cols, '0') + '\n';
    text[row * (cols + 1) + col] = '1';
    return text;
}

/// The message of the error that a configuration gives, empty if it gives none.
inline std::string complaint(Folder const& folder, std::string const& text, std::string const& poni_text = poni) {
    folder.write("a.poni", poni_text);
    try {
        parse_config(text, folder.file("test.yaml"), read_text_mask, read_text_image);
    } catch (ConfigError const& e) {
        return e.what();
    }
    return {};
}

} // namespace sqd::test
