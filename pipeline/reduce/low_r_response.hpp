// How S(q) after low-r cleaning hangs on S(q) before it.
#pragma once

#include "pipeline/core/image.hpp"
#include "pipeline/reduce/low_r_model.hpp"
#include "pipeline/reduce/sine_transform.hpp"

namespace sqd {

/// A step of clean_low_r, S' = S [1 - K(S)], changes by dS' = (1 - K) dS - S dK, and K is linear in S. Of quantities sum_q weight_q S'_q,
/// one per row, the weights that they have on S, to first order:
///   weight (1 - K) - (2/pi) w q int_0^cut sin(qr) [sum weight S sin(q'r) / q'] dr.
/// Backwards through all steps.
Image<double> before_cleaning(TransformGrid const& grid, LowRModel const& model, Image<double> const& weights);

} // namespace sqd
