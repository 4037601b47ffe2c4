// From the net pattern to S(q).
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/self_scattering.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Faber-Ziman S(q) = 1 + (I_c - <f^2>) / <f>^2 with I_c = alpha I / A - compton - k fluorescence - multiple [- constant] over the
/// configured range, alpha by normalize(), k = 1 or fit_fluorescence(); `laue: none` gives I_c / <f>^2, ashcroft_langreth I_c / <f^2>.
/// F = q (S - 1) of each. Bins without a value are left out. s_sigma is statistical: of the bin's own
/// intensity, sigma(I) alpha / (A <f>^2), and of all the others through alpha (StructureFactor::errors knows them apart). nullopt with a
/// flag: "no_composition", "no_density", "empty_range:structure_factor", "normalization_failed"; may add "threshold_unknown",
/// "multiple_scattering:<percent>" (from 1 % on, where it is left in), "kmn_uncertain:<percent>" (alpha_spread above 0.3 % of alpha).
std::optional<StructureFactor> structure_factor(Pattern1D const& net, ReductionConfig const& config, std::vector<std::string>& flags);

} // namespace sqd
