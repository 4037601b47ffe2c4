// What G(r) below the first shell says of the density and of the background's scale.
#pragma once

#include "pipeline/core/curve_errors.hpp"

#include <optional>
#include <string>

namespace sqd {

/// Found by making G(r) the density line below the low-r cut. Not used, where `refused` says why.
struct LowRRefinement {
    std::optional<Estimate> density_A3, background_scale; ///< absent = was not refined
    double misfit_before = 0, misfit = 0;                 ///< int [G + 4 pi rho0 r]^2 dr below the cut, after cleaning [1/A^3]
    std::string refused; ///< "at_bound", "no_convergence", "density_uncertain", "no_background"; empty = in use
};

} // namespace sqd
