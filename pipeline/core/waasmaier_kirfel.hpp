// Coefficients of the atomic form factors of Waasmaier & Kirfel (1995): data only, evaluated by who needs them.
#pragma once

#include <array>

namespace sqd {

/// f0(s) = c + sum_i a_i exp(-b_i s^2), s = sin(theta) / lambda [1/A], valid for 0 < s < 6 (q < 75 1/A); f0 in electrons, b in A^2.
/// D. Waasmaier & A. Kirfel, Acta Cryst. A51 (1995) 416-431, eq. 1 and table 1.
struct WaasmaierKirfelRow {
    double c;
    std::array<double, 5> a, b;
};

inline constexpr int waasmaier_kirfel_max_z = 98;

/// The neutral atom of atomic number `z`. Throws DataError outside 1..98.
WaasmaierKirfelRow const& waasmaier_kirfel(int z);

} // namespace sqd
