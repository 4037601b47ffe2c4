#include "pipeline/reduce/grid_errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace sqd {

GridErrors grid_errors(TransformGrid const& grid, CurveErrors const& errors) {
    std::size_t const points = grid.q_invA.size(), first = grid.first_datum;
    GridErrors out{errors.direct, {}, first};
    std::fill(out.direct.begin() + static_cast<std::ptrdiff_t>(points - first), out.direct.end(), 0.0);
    for (auto const& parameter : errors.shared) {
        SharedParameter on_grid{std::vector<double>(points), parameter.response};
        for (std::size_t i = 0; i < points; ++i) {
            if (i >= first) {
                on_grid.effect[i] = parameter.effect[i - first];
                continue;
            }
            auto const weights = low_q_weights(grid.below, grid.q_invA[i]);
            on_grid.effect[i] = std::inner_product(weights.begin(), weights.end(), parameter.effect.begin(), 0.0);
        }
        out.shared.push_back(std::move(on_grid));
    }
    for (std::size_t power = 0; power < grid.below.weight.size() && first > 0; ++power) {
        auto const& weight = grid.below.weight[power];
        if (weight.empty()) continue;
        SharedParameter coefficient{std::vector<double>(points, 0.0), std::vector<double>(errors.direct.size(), 0.0)};
        for (std::size_t i = 0; i < first; ++i) coefficient.effect[i] = std::pow(grid.q_invA[i], static_cast<double>(power));
        for (std::size_t m = 0; m < weight.size(); ++m) coefficient.response[m] = errors.direct[m] * weight[m];
        out.shared.push_back(std::move(coefficient));
    }
    return out;
}

} // namespace sqd
