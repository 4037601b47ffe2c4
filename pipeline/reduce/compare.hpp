// One result against another: what moved, by how many sigmas, and whether the sample or its mount moved it.
#pragma once

#include "pipeline/core/comparison.hpp"
#include "pipeline/core/results.hpp"

namespace sqd {

/// What of a result a comparison needs.
ComparedResult compared_part(ReducedResult const& result);

/// b - a. `refused` where the two are not the same measurement: another energy, estimator, curve or window of the peak, another form or
/// axis of S(q), or nothing that both have. What one of them lacks is left out alone.
///
/// Errors: counting in quadrature, without what a common background has (variance_of_difference). Between mounts (Comparison::one_mount
/// is for two that are named and the same) the distance errs as well: q1_sigma_geometry of both in quadrature, and relative to q1 the
/// same of widths, of distances between atoms, of heights of G, and three times that of numbers of neighbours; of what is read off G
/// that is an upper bound, as dq/q falls with q. The height of the peak and alpha stay.
///
/// `change` is judged at 3 sigma. Where the background's part of alpha is not known it counts as independent: too large an error.
Comparison compare(ComparedResult const& a, ComparedResult const& b);

} // namespace sqd
