// The sample: how dense it is, how much it absorbs and scatters, and what it emits by itself.
#pragma once

#include "pipeline/core/composition.hpp"
#include "pipeline/core/scan.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// Mean atomic mass [g/mol].
double mean_atomic_mass(Composition const& composition);

/// Number density [atoms/A^3] = N_A rho / mean mass.
double number_density_A3(Composition const& composition, double density_g_cm3);
/// The way back: g/cm^3 of so many atoms/A^3.
double mass_density_g_cm3(Composition const& composition, double density_A3);

/// Total mass attenuation coefficient mu/rho [cm^2/g], mixture rule over xraylib's CS_Total.
/// Throws DataError for an energy outside its tables (0.1 to 1000 keV).
double mass_attenuation_cm2_g(Composition const& composition, double energy_keV);

/// The part of it that scatters, elastically or not: total less photoelectric.
double mass_scattering_cm2_g(Composition const& composition, double energy_keV);

/// mu t of the sample, along a plate's normal, or mu D of a cylinder: from T where it was measured (sample_absorption.hpp), else mu
/// from composition, density and thickness; nullopt where neither is known. Throws DataError for a measured T outside ]0, 1].
std::optional<double> optical_thickness(Sample const& sample, double energy_keV);

/// One fluorescence line of the sample.
struct FluorescenceLine {
    int z = 0;
    double energy_keV = 0;
    double thomson_units = 0; ///< sum over the average atom of sigma / (4 pi r_e^2): comparable to <f^2> where P = 1
};

/// The K and L lines that photons of `energy_keV` excite, with xraylib's production cross sections (good to some 10 to 30 %).
std::vector<FluorescenceLine> fluorescence_lines(Composition const& composition, double energy_keV);

} // namespace sqd
