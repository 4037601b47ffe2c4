// Errors of a difference whose terms have an error in common.
#pragma once

#include <cmath>

namespace sqd {

/// A statistical error and the part of it that the background has.
struct ErrorParts {
    double sigma = 0, background = 0;
};

/// Variance of b - a. Where both subtracted the same background its errors move both the same way and cancel but for what they move
/// one more: (s_a^2 - g_a^2) + (s_b^2 - g_b^2) + (g_a - g_b)^2; else s_a^2 + s_b^2.
inline double variance_of_difference(ErrorParts const& a, ErrorParts const& b, bool one_background) {
    double const apart = a.sigma * a.sigma + b.sigma * b.sigma;
    return one_background ? apart - 2 * a.background * b.background : apart;
}

} // namespace sqd
