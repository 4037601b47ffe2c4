// From S(q) to the reduced pair distribution function G(r).
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <optional>
#include <string>

namespace sqd {

/// The factor M(q) that damps the termination ripples of a transform that ends at `q_max_invA`:
/// * none: 1;
/// * lorch: sin(x) / x, x = pi q / q_max (Lorch 1969);
/// * modified_lorch: 3 [sin x - x cos x] / x^3, same x: a sphere of the radius of Lorch's interval (Soper & Barney 2012);
/// * cosine: 1 up to 2/3 q_max, then [1 + cos(pi (q - q_w) / (q_max - q_w))] / 2 (Drewitt's form).
double window_factor(Window window, double q_invA, double q_max_invA);
/// The one that PairDistribution::window names; nullopt where there is none of that name.
std::optional<Window> window_named(std::string const& name);

/// G(r) = (2/pi) int_0^q_max q [S(q) - 1] M(q) sin(qr) dq at r = r_step, 2 r_step, ... r_max: plain trapezoid on the points of the data
/// and of S below them (transform_grid).
///
/// With low_r_cut and iterations, S is first cleaned (clean_low_r). g_sigma propagates s_sigma through the transform, var G(r) =
/// (2/pi)^2 sum [w q M sin(qr)]^2 var S (Toby & Egami 1992), the added points moving with the first data; it is that of the data
/// before cleaning, which above low_r_cut changes it by a few per cent only. NaN where s_sigma is not known. Neighbouring r are
/// correlated over pi / q_max.
///
/// Shells: the first up to four maxima beyond low_r_cut (beyond 1 A without one) that stand out by at least 20 % of the highest; their
/// position is where G'(r) vanishes, and its sigma what noise of S does to that; NaN where noise makes the shape of the top.
///
/// Throws DataError when fewer than 10 points lie below q_max.
PairDistribution pair_distribution(StructureFactor const& sq, PairDistributionConfig const& config);

} // namespace sqd
