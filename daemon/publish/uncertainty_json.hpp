// Errors beyond counting as the header of a peak has them.
#pragma once

#include "pipeline/core/results.hpp"

#include <nlohmann/json.hpp>

namespace sqd {

/// Adds what is known of `advice` {advice, sentence, requested, statistics, background, distance, model, corrections, floor, more_counts,
/// more_seconds}, `systematics` [{name, moved, q1, fwhm, height}], `points` {points, block, q1_sigma, q1_ratio, ...}, `thickness`
/// {optical_thickness, sensitivity, transmission_measured} and `replicas` to a header. Numbers that are not known have no key.
void put_uncertainty(nlohmann::ordered_json& header, ReducedResult const& result);

} // namespace sqd
