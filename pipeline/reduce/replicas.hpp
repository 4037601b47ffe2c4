// What repeated counting would give: the counts drawn again and reduced as the data were.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>
#include <random>

namespace sqd {

/// Deviations over UncertaintyConfig::replicas draws from its seed: the check of every propagated sigma, and the better one where errors
/// are too large for first order. Counts are drawn by Poisson's law about the counts of each bin where these are known, else the
/// intensity by Gauss' about itself; sample and background each anew. Draws in which a number cannot be had are left out of its
/// deviation. nullopt for patterns whose bins share counts (Pattern1D::correlation): they cannot be drawn one by one.
std::optional<ReplicaSpread> replica_spread(Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                                            ReductionConfig const& config);

/// One draw of a pattern.
Pattern1D drawn(Pattern1D pattern, std::mt19937_64& random);

} // namespace sqd
