// From the net pattern to S(q).
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What the average atom would give by itself, per bin, as the pattern sees it: the measured net intensity is modelled as
///   alpha I_net = A [ I_c + compton + fluorescence ].
struct SelfScattering {
    std::vector<double> absorption; ///< A of elastic photons
    std::vector<double> f2_mean, f_mean2;
    std::vector<double> compton;      ///< C R (A_c / A) (eta(E') / eta(E)); zeros when switched off
    std::vector<double> fluorescence; ///< sum F (A_f / A) (eta(E_f) / eta(E)) / P; zeros without lines above the threshold
    double fluorescence_forward = 0;  ///< fluorescence at 2theta = 0
    bool threshold_unknown = false;   ///< lines above half the beam's energy, and no threshold that says whether they count
};

/// `q_invA` and `polarization` (mean P per bin, empty = that of a full ring) describe the bins.
SelfScattering self_scattering(std::vector<double> const& q_invA, std::vector<double> const& polarization, ReductionConfig const& config);

/// Faber-Ziman S(q) = 1 + (I_c - <f^2>) / <f>^2 with I_c = alpha I / A - compton - fluorescence and Krogh-Moe-Norman's alpha, over the
/// configured range; `laue: none` gives I_c / <f>^2. Bins without a value are left out. s_sigma is statistical: of the bin's own
/// intensity, sigma(I) alpha / (A <f>^2), and of all the others through alpha (StructureFactor::errors knows them apart). nullopt with a
/// flag: "no_composition", "no_density", "empty_range:structure_factor", "normalization_failed"; may add "threshold_unknown".
std::optional<StructureFactor> structure_factor(Pattern1D const& net, ReductionConfig const& config, std::vector<std::string>& flags);

} // namespace sqd
