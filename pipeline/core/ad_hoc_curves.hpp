// Curves of the ad hoc route, beside those of the physical one.
#pragma once

#include "pipeline/core/curves.hpp"

namespace sqd {

/// S, F and G of an arbitrary scale. `sq.form` is "ad_hoc".
struct AdHocCurves {
    StructureFactor sq;
    PairDistribution gr;
    double scale = 0;                           ///< intensity to <f>^2 units
    double rpoly_A = 0, degree = 0;             ///< degree n of the polynomial, a mean of two whole ones
    double q_min_invA = 0, q_max_inst_invA = 0; ///< range that both were fitted to
};

} // namespace sqd
