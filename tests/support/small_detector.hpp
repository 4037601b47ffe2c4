// A small untilted detector and its bin map, for tests of what is built on one.
#pragma once

#include "pipeline/reduce/bin_map.hpp"

#include <memory>
#include <optional>

namespace sqd::test {

/// 90 x 70 pixels (4 tiles, the last one partly filled), beam near a corner, q to some 6 1/A.
inline Geometry small_geometry() {
    Geometry g;
    g.distance_m = 0.05;
    g.poni1_m = 0.0071;
    g.poni2_m = 0.0113;
    g.pixel1_m = g.pixel2_m = 5e-4;
    g.rows = 90;
    g.cols = 70;
    g.wavelength_A = 0.9;
    return g;
}

/// 60 x 80 pixels of 0.1 mm, turned so that angles of incidence and of scattering have little to do with each other.
inline Geometry tilted_geometry() {
    Geometry g;
    g.distance_m = 0.05;
    g.poni1_m = 0.004;
    g.poni2_m = 0.0035;
    g.rot1_rad = 0.3;
    g.rot2_rad = -0.2;
    g.rot3_rad = 0.1;
    g.pixel1_m = g.pixel2_m = 100e-6;
    g.rows = 60;
    g.cols = 80;
    g.wavelength_A = 0.9;
    return g;
}

/// A mask with a dead row and a dead corner that covers no whole tile.
inline Mask small_mask() {
    Mask mask(90, 70);
    for (std::size_t col = 0; col < 70; ++col) mask(40, col) = 1;
    for (std::size_t row = 0; row < 5; ++row) mask(row, row) = 1;
    return mask;
}

inline std::shared_ptr<BinMap const> small_map(std::size_t npt = 50, Mask const& mask = small_mask()) {
    IntegrationConfig config;
    config.npt = npt;
    config.radial_range = std::pair{0.3, 4.0};
    config.polarization_factor = 0.9;
    return std::make_shared<BinMap const>(build_bin_map(small_geometry(), mask, config, Sensor{"Si", 450}, 13.8, serial_for()));
}

/// For who wants a shared one of bins that outlive it.
inline std::shared_ptr<BinMap const> borrowed(BinMap const& bins) {
    return {std::shared_ptr<void>(), &bins};
}

} // namespace sqd::test
