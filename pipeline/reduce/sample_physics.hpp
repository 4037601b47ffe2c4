// The sample as a flat plate across the beam: how much it absorbs, on the way in and out, and what it emits by itself.
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

/// Total mass attenuation coefficient mu/rho [cm^2/g], mixture rule over xraylib's CS_Total.
/// Throws DataError for an energy outside its tables (0.1 to 1000 keV).
double mass_attenuation_cm2_g(Composition const& composition, double energy_keV);

/// mu t of the sample at normal incidence: -ln T where T was measured, else mu from composition, density and thickness; nullopt
/// where neither is known. Throws DataError for a measured T outside ]0, 1].
std::optional<double> optical_thickness(Sample const& sample, double energy_keV);

/// Mean of exp(-path) over the depth of a plate at normal incidence, seen in transmission:
/// A = [exp(-x) - exp(-x'/cos 2theta)] / (x'/cos 2theta - x), x = mu t on the way in, x' = mu' t on the way out (another energy).
/// For x = x' and 2theta -> 0 it is exp(-x). NaN from 90 degrees on. International Tables C, table 6.3.3.1 (plate, transmission).
double plate_absorption(double thickness_in, double thickness_out, double cos_two_theta);

/// One fluorescence line of the sample.
struct FluorescenceLine {
    int z = 0;
    double energy_keV = 0;
    double thomson_units = 0; ///< sum over the average atom of sigma / (4 pi r_e^2): comparable to <f^2> where P = 1
};

/// The K and L lines that photons of `energy_keV` excite, with xraylib's production cross sections (good to some 10 to 30 %).
std::vector<FluorescenceLine> fluorescence_lines(Composition const& composition, double energy_keV);

} // namespace sqd
