// Files that a configuration names: headers of NumPy and EDF images, FIT2D masks, pyFAI's geometry, YAML.
#include "config/poni.hpp"
#include "config/yaml_tree.hpp"
#include "detectors/codec/edf_header.hpp"
#include "detectors/codec/fit2d_mask.hpp"
#include "detectors/codec/npy_header.hpp"
#include "tests/fuzz/targets.hpp"

#include <cmath>

namespace sqd::fuzz {

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
}

void run_edf(Bytes input) {
    auto const text = text_of(input);
    try {
        auto const header = parse_edf_header(text);
        require(header.offset <= text.size(), "the pixels begin inside the file, or behind it");
        require(header.bytes == 1 || header.bytes == 2 || header.bytes == 4 || header.bytes == 8, "a pixel has a size");
    } catch (DataError const&) {
    }
}

void run_fit2d_mask(Bytes input) {
    constexpr std::size_t most_pixels = std::size_t{1} << 20;
    try {
        auto const mask = parse_fit2d_mask(input, most_pixels);
        require(mask.rows > 0 && mask.cols > 0 && mask.pixels.size() == mask.rows * mask.cols, "a mask has pixels");
        require(mask.size() <= most_pixels && mask.size() / 8 <= input.size(), "a mask is no larger than allowed, and than its file");
        for (auto const pixel : mask.pixels) require(pixel <= 1, "a pixel is masked or not");
    } catch (DecodeError const&) {
    }
}

namespace {

void check_geometry(Bytes input, PoniFile (*parse)(std::string const& text, std::string const& file)) {
    try {
        auto const poni = parse(std::string(text_of(input)), "fuzzed");
        for (double const value : {poni.distance_m, poni.poni1_m, poni.poni2_m, poni.rot1_rad, poni.rot2_rad, poni.rot3_rad})
            require(std::isfinite(value), "a geometry is finite");
        require(poni.distance_m > 0 && poni.wavelength_m.value_or(1) > 0, "distance and wavelength are positive");
        require(poni.sensor_thickness_um.value_or(1) > 0, "a sensor has a thickness");
        require(poni.orientation >= 1 && poni.orientation <= 4, "an orientation is one of four");
    } catch (ConfigError const&) {
    }
}

} // namespace

void run_poni(Bytes input) {
    check_geometry(input, parse_poni);
}

void run_integration_json(Bytes input) {
    check_geometry(input, parse_integration_json);
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
