// The scale where S(q) oscillates about 1.
#pragma once

#include "pipeline/reduce/normalization.hpp"

#include <optional>

namespace sqd {

/// Least squares of y on t over the upper third of the range, weight 1: 1 / alpha = sum y t / sum t^2 (no bias by the noise of y).
LinearScale high_q_scale(ScaledData const& data);

/// The same with `constant` electron units beside the self terms, alpha y = t + constant u: y on t and u. nullopt where u is not known or
/// t and u cannot be told apart.
std::optional<LinearScale> high_q_scale_with_constant(ScaledData const& data);

} // namespace sqd
