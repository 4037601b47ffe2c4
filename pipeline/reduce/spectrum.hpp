// What G(r) is made of, and how everything that is read off it hangs on the data.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/reduce/low_r_model.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// G(r) = sum kernel_q excess_q sin(qr) over the points of the grid: of S' that is left of S after low-r cleaning.
struct Spectrum {
    TransformGrid grid;                      ///< S before cleaning
    std::vector<double> kernel;              ///< (2/pi) w q M(q)
    std::vector<double> excess;              ///< S' - 1
    std::vector<std::vector<double>> before; ///< S before each step of the cleaning; none = not cleaned
    double density_A3 = 0;
    PairDistributionConfig config;
    CurveErrors errors;                ///< of S
    std::optional<LowRModel> cleaning; ///< by Eggert's steps, with config.errors; on lattice_step()
};

/// Throws DataError when fewer than 10 points lie below q_max. A structure factor that does not say how its errors hang on a pattern is
/// taken as points that err by s_sigma, each by itself (or with the next one, where errors.correlation says so).
Spectrum spectrum(StructureFactor const& sq, PairDistributionConfig const& config);

/// Of a spectrum with config.errors. A quantity that is linear in S' as weights of its points: sum_q weight_q S'_q. One per row of an
/// image, as wide as the grid. What comes back is a row each of d quantity / d x_j (CurveErrors): through cleaning, added points and scale.
Image<double> sensitivities(Spectrum const& spectrum, Image<double> const& weights);

} // namespace sqd
