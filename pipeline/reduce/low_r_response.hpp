// How S(q) after low-r cleaning hangs on S(q) before it.
#pragma once

#include "pipeline/core/image.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <vector>

namespace sqd {

/// A step of clean_low_r, S' = S [1 - K(S)], changes by dS' = (1 - K) dS - S dK, and K is linear in S. Of quantities sum_q weight_q S'_q,
/// one per row, the weights that they have on S, to first order:
///   weight (1 - K) - (2/pi) w q int_0^cut sin(qr) [sum weight S sin(q'r) / q'] dr.
/// Backwards through all steps: `before` is S before each. The integral is that of low_r_basis.hpp.
Image<double> before_cleaning(TransformGrid const& grid, std::vector<std::vector<double>> const& before, double density_A3,
                              double low_r_cut_A, Image<double> const& weights);

} // namespace sqd
