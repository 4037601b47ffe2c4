// A powder's image on any geometry: rings as Gaussians in q on a smooth background, integrated over each pixel.
#pragma once

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/reduce/calibrants.hpp"

#include <cmath>
#include <random>

namespace sqd::test {

struct PowderRings {
    double counts_at_top = 200; ///< of the strongest line, per pixel
    double background = 10;     ///< counts per pixel
    double sigma_invA = 0.01;   ///< of a line
};

/// Expected counts: 4 x 4 points per pixel, or one where no line is near.
inline Image<double> expected_image(Geometry const& g, Calibrant const& crystal, PowderRings const& rings) {
    auto const lines = calibrant_lines(crystal, 12);
    Image<double> out(g.rows, g.cols);
    auto const at = [&](double row, double col) {
        double const q = q_invA(two_theta_rad(lab_point(g, row, col)), g.wavelength_A);
        double sum = rings.background * std::exp(-0.1 * q);
        for (auto const& line : lines) {
            double const u = (q - line.q_invA) / rings.sigma_invA;
            if (std::abs(u) < 8) sum += 0.01 * line.intensity * rings.counts_at_top * std::exp(-0.5 * u * u);
        }
        return sum;
    };
    for (std::size_t row = 0; row < g.rows; ++row) {
        for (std::size_t col = 0; col < g.cols; ++col) {
            double sum = 0;
            for (int i = 0; i < 16; ++i) {
                sum += at(static_cast<double>(row) + 0.125 + 0.25 * (i / 4), static_cast<double>(col) + 0.125 + 0.25 * (i % 4)) / 16;
            }
            out(row, col) = sum;
        }
    }
    return out;
}

template <class Random>
Image<double> counted(Image<double> expected, Random& random) {
    for (double& pixel : expected.pixels) pixel = pixel > 0 ? static_cast<double>(std::poisson_distribution<long>(pixel)(random)) : 0;
    return expected;
}

} // namespace sqd::test
