// The amplitude of the fluorescence, which tables know to 30 % only.
#pragma once

#include "pipeline/reduce/normalization.hpp"

#include <vector>

namespace sqd {

/// Relative uncertainty of the computed fluorescence: cross sections, yields, what the threshold lets through.
inline constexpr double fluorescence_prior_sigma = 0.3;

/// k, by which the computed fluorescence is multiplied, and how it hangs on the data.
struct FluorescenceFit {
    double amplitude = 1, sigma = fluorescence_prior_sigma;
    std::vector<double> response; ///< d k / d y_j
};

/// With k times the fluorescence x (as `t`, in units of <f>^2; `data.t` has the rest) the sum rule makes S_k - 1 = r0 + k r1 linear in k.
/// k is the one for which S oscillates about 1 over the upper half of the range, within what the tables allow:
///   N mean[(r0 + k r1)^2] / tau^2 + [(k - 1) / 0.3]^2 is least, N = independent points there (width over half the 2.6 1/A of
/// an oscillation), tau^2 = mean (S - 1)^2 there at k = 1, then once more at the k that it gives. sigma: curvature of that sum.
FluorescenceFit fit_fluorescence(ScaledData const& data, std::vector<double> const& x, double density_A3,
                                 NormalizationConfig const& config);

} // namespace sqd
