// The scale by what G(r) is where no atoms meet.
#pragma once

#include "pipeline/reduce/normalization.hpp"

#include <optional>

namespace sqd {

/// alpha for which int_0^cut [G(r) + 4 pi rho0 r]^2 dr is least (the condition of Eggert et al. 2002, eq. 28, before any cleaning); G by
/// the trapezoid over the data and the model of low q, without window: linear in alpha, so a closed form. nullopt without a cut.
std::optional<LinearScale> low_r_scale(ScaledData const& data, double density_A3, NormalizationConfig const& config);

} // namespace sqd
