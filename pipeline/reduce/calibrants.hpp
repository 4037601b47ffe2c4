// Powders of known lattice, and where their rings lie.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqd {

/// An atom of the cell, in fractions of its axes.
struct AtomSite {
    int z; ///< atomic number
    std::array<double, 3> position;
};

/// A crystal powder. `c_A` is absent where the cell is cubic; otherwise a = b, gamma = 120 degrees (hexagonal axes).
struct Calibrant {
    std::string name;      ///< its formula: Al2O3, Cr2O3, CeO2, LaB6, Si
    std::string substance; ///< mineral or common name, space group
    std::string source;    ///< of the lattice parameters
    double temperature_C;  ///< at which they hold
    double a_A;
    std::optional<double> c_A;
    std::vector<AtomSite> atoms; ///< all atoms of the cell
    std::string atoms_source;
};

/// A ring of the powder: all reflections of one d spacing.
struct CalibrantLine {
    std::array<int, 3> hkl; ///< of them one without negative indices, if any, with the largest h, then k, then l
    double d_A;
    double q_invA;    ///< 2 pi / d
    int multiplicity; ///< how many reflections (hkl) share the ring, present ones only
    /// Sum of |F|^2 over them times d^2, 100 for the strongest of the list: what a ring has per length of its circumference at small
    /// angles, without thermal motion (so lines at large q are weaker than this), polarisation and absorption.
    double intensity;
};

/// All that are known, in alphabetical order of their names.
std::vector<Calibrant> const& calibrants();

/// The calibrant of that name (case does not matter; "alpha-Al2O3" and "corundum" are Al2O3, "CrO3", as some papers print it, is
/// Cr2O3). Throws DataError that lists the names.
Calibrant const& calibrant(std::string_view name);

/// Whether the lattice and the special positions of its space group let the reflection exist (International Tables A):
/// F m -3 m (CeO2): h, k, l all even or all odd; F d -3 m (Si): that, and h + k + l = 4n where all are even;
/// P m -3 m (LaB6): all; R -3 c, hexagonal axes (Al2O3, Cr2O3): -h + k + l = 3n, and l even in the c glides' planes (h = -k, h = 0, k = 0).
/// Throws DataError for a calibrant of another name.
bool reflection_allowed(Calibrant const& crystal, std::array<int, 3> const& hkl);

/// The rings up to q_max [1/A], q ascending. Reflections come from the structure factor
/// F = sum f0(q) exp[2 pi i (h x + k y + l z)] of neutral atoms (Waasmaier & Kirfel 1995): what vanishes is not listed, and with it
/// all that the space group forbids.
/// 1/d^2 = (h^2 + k^2 + l^2) / a^2, cubic; 4/3 (h^2 + h k + k^2) / a^2 + l^2 / c^2, hexagonal axes.
std::vector<CalibrantLine> calibrant_lines(Calibrant const& crystal, double q_max_invA);

} // namespace sqd
