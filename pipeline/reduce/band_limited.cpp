#include "pipeline/reduce/band_limited.hpp"

#include <cmath>
#include <numbers>

namespace sqd {

double lattice_step(double q_max_invA, double wanted_A) {
    constexpr double finer = 1.25; // than the waves need
    double const longest = std::numbers::pi / (2 * finer * q_max_invA);
    return wanted_A > longest ? wanted_A / std::ceil(wanted_A / longest) : wanted_A * std::floor(longest / wanted_A);
}

LatticeInterpolation::LatticeInterpolation(double phase) {
    constexpr double e_folds = 30; // 1e-13
    double const per_point = std::numbers::pi - phase;
    reach_ = static_cast<std::size_t>(std::ceil(e_folds / per_point));
    sharpness_ = per_point * static_cast<double>(reach_);
}

std::vector<double> LatticeInterpolation::weights(double fraction) const {
    std::vector<double> out;
    double const half = static_cast<double>(reach_);
    for (std::size_t t = 0; t < 2 * reach_; ++t) {
        double const away = fraction + half - 1 - static_cast<double>(t), x = away / half, turn = std::numbers::pi * away;
        double const sinc = std::abs(turn) < 1e-9 ? 1 : std::sin(turn) / turn;
        double const inside = 1 - x * x;
        out.push_back(inside > 0 ? sinc * std::sinh(sharpness_ * std::sqrt(inside)) / std::sinh(sharpness_) : 0);
    }
    return out;
}

} // namespace sqd
