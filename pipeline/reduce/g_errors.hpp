// Errors of G(r).
#pragma once

#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/lattice_transform.hpp"
#include "pipeline/reduce/spectrum.hpp"

#include <vector>

namespace sqd {

/// Standard deviation of G at every `r_A` (ascending), and the part of it that the background has: var G = b^T C b, where b is d G(r) / d x
/// through scale, added points, cleaning and window, and C the covariance of the pattern (Toby & Egami 1992, with everything that the
/// points of S share). NaN where a sigma that counts is not known.
///
/// By sums on a lattice (lattice_transform.hpp). Where bins correlate, and through a top hat, row by row: sin(qr) holds no wave in r
/// shorter than 2 pi / q_max, so b is worked out at as many Chebyshev points per interval of 5 A as that takes and is a polynomial between
/// them, good to 1e-6 of its size; where `r_A` is coarser it is worked out there.
std::vector<Spread> spread_of_g(Spectrum const& spectrum, std::vector<double> const& r_A);

/// G itself, and that; without config.errors no spread. Values are the same to the bit.
TransformWithSpread g_with_spread(Spectrum const& spectrum, std::vector<double> const& r_A);

/// Covariance of G at every pair of `r_A`, a row each [1/A^4]. Neighbours closer than pi / q_max move together.
Image<double> covariance_of_g(Spectrum const& spectrum, std::vector<double> const& r_A);

} // namespace sqd
