// How sums over the grid of a transform hang on the data.
#pragma once

#include "pipeline/core/curve_errors.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <vector>

namespace sqd {

/// X = sum_i w_i S_i over the points of a grid has dX/dx_j = w_j direct_j + sum_l (sum_i w_i effect_li) response_lj: CurveErrors with
/// points below the data made of the first data, which is one shared parameter more for each power of q that they hold. Data beyond the
/// grid come last and count through what is shared alone.
struct GridErrors {
    std::vector<double> direct;          ///< per datum; 0 beyond the grid
    std::vector<SharedParameter> shared; ///< effect per point of the grid, response per datum
    std::size_t first_datum = 0;         ///< of the grid
};

GridErrors grid_errors(TransformGrid const& grid, CurveErrors const& errors);

} // namespace sqd
