// A comparison as headers carry it.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <nlohmann/json.hpp>

namespace sqd {

/// {reference: {uid, id}, refused} where nothing was compared, else {reference, sentence, change, one_mount, one_background, numbers: {q1:
/// {a, b, difference, sigma, geometry_sigma, significance, significance_with_geometry}, ...}, S: {degrees, chi2, p_value,
/// chi2_with_geometry, p_value_with_geometry}, G, left_out, warnings}. A number that is not known has no key.
nlohmann::ordered_json comparison_json(Comparison const& comparison);

} // namespace sqd
