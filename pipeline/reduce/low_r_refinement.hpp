// Density and background by what G(r) must be where no atoms meet.
#pragma once

#include "pipeline/core/refinement.hpp"
#include "pipeline/reduce/reduction.hpp"

namespace sqd {

/// Eggert et al. (2002): density rho0 and background scale b for which int_0^cut [G_n(r) + 4 pi rho0 r]^2 dr is least, G_n after the
/// configured n steps of cleaning, without window; rho0 enters the scale of S(q), too. The sample's transmission stays as it is. By damped
/// Gauss-Newton within half to one and a half times the configured density, and 0.7 to 1.3 times the scale of `first`, the curves
/// without refinement. Errors are statistical, by the sensitivity of both to every datum through scale, transform and cleaning; NaN where
/// the data have none. Refused, with the numbers as far as they came: at a bound, without convergence, or where counting leaves
/// rho0 uncertain by more than 5 %. nullopt where there is nothing to refine: no G(r), no cut.
std::optional<LowRRefinement> refine_low_r(Pattern1D const& sample, Pattern1D const* background, ReducedCurves const& first,
                                           ReductionConfig const& config);

/// The recipe with what was found in place of what was configured, and no refinement any more.
ReductionConfig refined_recipe(ReductionConfig config, ReducedCurves const& first, LowRRefinement const& found);

} // namespace sqd
