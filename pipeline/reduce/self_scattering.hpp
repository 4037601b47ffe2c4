// What the average atom gives by itself, as the detector sees it beside the structure.
#pragma once

#include "pipeline/reduce/reduction.hpp"

#include <vector>

namespace sqd {

/// What the average atom would give by itself, per bin, as the pattern sees it: the measured net intensity is modelled as
///   alpha I_net = A [ I_c + compton + fluorescence + multiple ].
struct SelfScattering {
    std::vector<double> absorption; ///< A of elastic photons
    std::vector<double> f2_mean, f_mean2;
    std::vector<double> compton;      ///< C R (A_c / A) (eta(E') / eta(E)); zeros when switched off
    std::vector<double> fluorescence; ///< sum F (A_f / A) (eta(E_f) / eta(E)) / P; zeros without lines above the threshold
    std::vector<double> multiple;     ///< multiple_scattering.hpp; zeros unless it is subtracted
    double fluorescence_forward = 0;  ///< fluorescence at 2theta = 0
    bool threshold_unknown = false;   ///< lines above half the beam's energy, and no threshold that says whether they count
};

/// `q_invA` and `polarization` (mean P per bin, empty = that of a full ring) describe the bins.
SelfScattering self_scattering(std::vector<double> const& q_invA, std::vector<double> const& polarization, ReductionConfig const& config);

} // namespace sqd
