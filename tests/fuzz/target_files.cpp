// Files that a configuration names: NumPy and EDF masks, pyFAI's geometry, YAML.
#include "config/mask_file.hpp"
#include "config/poni.hpp"
#include "config/yaml_tree.hpp"
#include "detectors/codec/npy_header.hpp"
#include "tests/fuzz/targets.hpp"

#include <cmath>

namespace sqd::fuzz {

namespace {

void check_mask(Mask const& mask, std::size_t file_bytes) {
    require(mask.rows > 0 && mask.cols > 0 && mask.pixels.size() == mask.rows * mask.cols, "a mask has pixels");
    require(mask.pixels.size() <= file_bytes, "a mask is no larger than its file");
    for (auto const pixel : mask.pixels) require(pixel <= 1, "a pixel is masked or not");
}

} // namespace

void run_npy(Bytes input) {
    auto const text = text_of(input);
    try {
        auto const header = parse_npy_header(text);
        require(header.offset <= text.size(), "the numbers begin inside the file");
        std::size_t count = 1;
        for (auto const n : header.shape) count *= n;
        require(count <= (text.size() - header.offset) / header.bytes, "the numbers end inside the file");
    } catch (DataError const&) {
    }
    try {
        check_mask(parse_npy_mask(text), text.size());
    } catch (DataError const&) {
    }
}

void run_edf(Bytes input) {
    auto const text = text_of(input);
    try {
        check_mask(parse_edf_mask(text), text.size());
    } catch (DataError const&) {
    }
}

void run_poni(Bytes input) {
    try {
        auto const poni = parse_poni(text_of(input), "fuzzed.poni");
        for (double const value : {poni.distance_m, poni.poni1_m, poni.poni2_m, poni.rot1_rad, poni.rot2_rad, poni.rot3_rad})
            require(std::isfinite(value), "a geometry is finite");
        require(poni.distance_m > 0 && poni.wavelength_m.value_or(1) > 0, "distance and wavelength are positive");
        require(poni.orientation >= 1 && poni.orientation <= 4, "an orientation is one of four");
    } catch (ConfigError const&) {
    }
}

void run_yaml(Bytes input) {
    try {
        auto const root = parse_yaml(text_of(input), "fuzzed.yaml");
        require(root.kind == YamlNode::Kind::mapping, "a configuration is a set of sections");
        for (auto const& entry : root.entries) require(find_entry(root, entry.key) == &entry, "keys are unique");
    } catch (ConfigError const&) {
    }
}

} // namespace sqd::fuzz
