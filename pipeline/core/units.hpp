// Physical constants and the native units of the project.
//
// Native units: length of the instrument in m, wavelength in A, q in 1/A, r in A, energy in keV,
// angle in rad, exposure in s, number density in atoms/A^3, mass density in g/cm^3,
// thickness in um. Names carry the unit; only config/ and detectors/ convert.
#pragma once

namespace sqd {

/// Planck constant times speed of light, keV A (CODATA 2018, exact).
inline constexpr double hc_keV_A = 12.398419843320026;
/// Electron rest energy, keV (CODATA 2018).
inline constexpr double electron_rest_keV = 510.99895000;
/// Avogadro constant times 1e-24 cm^3/A^3: (atoms/A^3) = this * (g/cm^3) / (g/mol).
inline constexpr double avogadro_per_A3 = 0.602214076;

/// Linear attenuation is in 1/cm, thickness in um.
inline constexpr double um_to_cm = 1e-4;
/// The unit of q, as results and archives write it (NeXus).
inline constexpr char const* inverse_angstrom = "1/angstrom";

/// Wavelength [A] of a photon of `energy_keV`, and back.
constexpr double wavelength_A(double energy_keV) {
    return hc_keV_A / energy_keV;
}
constexpr double energy_keV(double wavelength_A) {
    return hc_keV_A / wavelength_A;
}

} // namespace sqd
