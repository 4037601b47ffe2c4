// Between S(q) and G(r).
#include "pipeline/reduce/sine_transform.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/normalization.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

namespace sqd {

TransformGrid transform_grid(StructureFactor const& sq, double q_max_invA, LowQ low_q) {
    auto const end = std::upper_bound(sq.q_invA.begin(), sq.q_invA.end(), q_max_invA) - sq.q_invA.begin();
    if (end < 10) {
        throw DataError("no G(r): " + std::to_string(end) + " points of S(q) below q_max " + std::to_string(q_max_invA) +
                        " 1/A (10 are needed) raise q_max_invA");
    }
    double const step =
        (sq.q_invA[static_cast<std::size_t>(end) - 1] - sq.q_invA[0]) / static_cast<double>(end - 1); // the mean: bins may be missing
    TransformGrid grid;
    grid.below = low_q_model(low_q, sq.q_invA);
    if (low_q != LowQ::none) {
        for (double q = sq.q_invA[0] - step; q > step / 1000; q -= step) grid.q_invA.push_back(q);
        grid.q_invA.push_back(0);
        std::reverse(grid.q_invA.begin(), grid.q_invA.end());
    }
    grid.first_datum = grid.q_invA.size();
    for (double const q : grid.q_invA) {
        auto const weights = low_q_weights(grid.below, q);
        grid.s.push_back(std::inner_product(weights.begin(), weights.end(), sq.s.begin(), 0.0));
    }
    grid.q_invA.insert(grid.q_invA.end(), sq.q_invA.begin(), sq.q_invA.begin() + end);
    grid.s.insert(grid.s.end(), sq.s.begin(), sq.s.begin() + end);
    grid.weight = trapezoid_weights(grid.q_invA);
    return grid;
}

std::vector<double> fold(TransformGrid const& grid, std::vector<double> const& a) {
    std::vector<double> out(a.begin() + static_cast<std::ptrdiff_t>(grid.first_datum), a.end());
    for (std::size_t i = 0; i < grid.first_datum; ++i) {
        auto const weights = low_q_weights(grid.below, grid.q_invA[i]);
        for (std::size_t m = 0; m < weights.size(); ++m) out[m] += a[i] * weights[m];
    }
    return out;
}

RotatingSines::RotatingSines(std::vector<double> const& q_invA, double step_A) : sine_(q_invA.size(), 0.0), cosine_(q_invA.size(), 1.0) {
    for (double const q : q_invA) {
        step_sine_.push_back(std::sin(q * step_A));
        step_cosine_.push_back(std::cos(q * step_A));
    }
}

std::vector<double> const& RotatingSines::advance() {
    for (std::size_t i = 0; i < sine_.size(); ++i) {
        double const sine = sine_[i] * step_cosine_[i] + cosine_[i] * step_sine_[i];
        cosine_[i] = cosine_[i] * step_cosine_[i] - sine_[i] * step_sine_[i];
        sine_[i] = sine;
    }
    return sine_;
}

} // namespace sqd
