// How the errors of a curve hang on those of the pattern that it was made of.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// A parameter that all points of a curve share and that was found from the same data: the scale of S(q), for one.
struct SharedParameter {
    std::vector<double> effect;   ///< dy_i / dp with the data as they are
    std::vector<double> response; ///< dp / dx_j
};

/// To first order dy_i = direct_i dx_i + sum_p effect_pi sum_j response_pj dx_j, with x_i the intensity in the bin of point i.
/// All vectors have the length of the curve, or are empty where it says so.
struct CurveErrors {
    std::vector<double> sigma;            ///< of x, statistical; NaN = not known
    std::vector<double> background_sigma; ///< the part of it that the background has; empty = none
    std::vector<double> correlation;      ///< of the error of x with that of the next point's; empty = none
    std::vector<double> direct;
    std::vector<SharedParameter> shared;
    std::vector<std::size_t> bin; ///< of the pattern, per point
};

/// A number found on a curve. `sigma` is statistical, and holds `background_sigma`, the part that all have in common which used the same
/// background; `sensitivity` is d value / dx_i per point of the curve (CurveErrors), empty = not kept.
struct Estimate {
    double value = 0, sigma = 0, background_sigma = 0;
    std::vector<double> sensitivity = {};
};

} // namespace sqd
