// What a detector's sensor absorbs.
#pragma once

#include <string>

namespace sqd {

/// Linear attenuation coefficient [1/cm] of a sensor material ("Si", "CdTe", "GaAs") at an energy: xraylib's total mass
/// attenuation of the compound times its density. Throws DataError for other materials and for energies xraylib does not know.
double sensor_attenuation_per_cm(std::string const& material, double energy_keV);

/// Fraction absorbed along a path of `attenuation_length_ratio` = mu d / cos(incidence): 1 - exp(-x).
double absorbed_fraction(double attenuation_length_ratio);

} // namespace sqd
