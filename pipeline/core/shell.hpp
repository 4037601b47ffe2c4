// A shell of neighbours in G(r).
#pragma once

#include "pipeline/core/curve_errors.hpp"

#include <limits>
#include <optional>

namespace sqd {

/// One maximum of G(r) and the atoms in it. Errors are statistical; NaN where noise makes the shape of a maximum or a minimum, and where
/// nothing is known. Numbers of neighbours are there where the scale of S(q) is absolute and the shell has an end.
struct Shell {
    Estimate r_A;    ///< of the maximum
    Estimate height; ///< G there [1/A^2]
    /// Between these the atoms are counted: minima of the radial distribution function, or the low-r cut before the first shell; NaN =
    /// none.
    double r_low_A = std::numeric_limits<double>::quiet_NaN(), r_high_A = std::numeric_limits<double>::quiet_NaN();
    std::optional<Estimate> coordination = {}; ///< neighbours: method C of Waseda (1980)
    /// Of the first shell: twice the atoms up to the maximum of r g(r), and of r^2 g(r): Waseda's methods A and B.
    std::optional<Estimate> coordination_a = {}, coordination_b = {};
};

} // namespace sqd
