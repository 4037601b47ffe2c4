// Points of a scan against each other: do they scatter as counting alone makes them?
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/core/uncertainty.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <optional>

namespace sqd {

/// Variance of the mean's q1 and width by the scatter between points, beside that of counting. To first order point p moves q1 by
///   z_p = sum_b (dq1/dI_b) (c_pb - I_b n_pb) / N_b,
/// c its counts, n its norm, N the sum of norms, I the pattern: the z_p sum to 0 but for what `I` was corrected for. Points that are
/// neighbours on the sample are alike, so blocks of them are drawn together (moving block bootstrap; Kuensch 1989, Lahiri 2003); of a
/// sum the expectation over all draws is exact, n/L times the mean square of the sums over all n circular blocks of L points. L = n^(1/3),
/// rounded up. The ratio is the deviation over that of Poisson's law for the same counts: 1 where counting is all.
/// `frames` are those of the mean, in order along the sample; `peak` has sensitivities. nullopt with fewer than four blocks or without.
std::optional<PointStatistics> point_statistics(BinMap const& bins, FrameList const& frames, Pattern1D const& pattern, Fsdp const& peak);

} // namespace sqd
