// Does S(q) look as if its scale were right? Numbers for a reader; nothing is corrected by them.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>

namespace sqd {

/// * s_high_q: mean of S over the upper third of its range, which tends to 1;
/// * f_mean: mean of F = q (S - 1) over the upper two thirds, which oscillates about 0 [1/A];
/// * density_low_r: -sum r G / (4 pi sum r^2) over 0 < r <= low_r_cut, of G(r) before cleaning and without window: below the first shell
///   G = -4 pi rho0 r, so it is rho0 where the scale is right [1/A^3] (Eggert et al. 2002). Absent without `gr` or a cut.
/// The first two with statistical errors. Of Faber-Ziman S(q) only.
ScaleChecks scale_checks(StructureFactor const& sq, std::optional<PairDistributionConfig> const& gr);

} // namespace sqd
