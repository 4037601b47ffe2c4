// Densities, attenuation and fluorescence of the sample.
#include "pipeline/reduce/sample_physics.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/sample_absorption.hpp"

#include <xraylib/xraylib.h>

#include <cmath>
#include <numbers>
#include <string>

namespace sqd {

namespace {

constexpr double thomson_r2_barn = 0.0794078; ///< r_e^2 in barn (CODATA 2018)

} // namespace

double mean_atomic_mass(Composition const& composition) {
    double mass = 0;
    for (auto const& e : composition.elements) mass += e.fraction * AtomicWeight(e.z, nullptr);
    return mass;
}

double number_density_A3(Composition const& composition, double density_g_cm3) {
    return avogadro_per_A3 * density_g_cm3 / mean_atomic_mass(composition);
}

double mass_density_g_cm3(Composition const& composition, double density_A3) {
    return density_A3 * mean_atomic_mass(composition) / avogadro_per_A3;
}

double mass_attenuation_cm2_g(Composition const& composition, double energy_keV) {
    double sum = 0;
    for (auto const& e : composition.elements) {
        double const per_g = CS_Total(e.z, energy_keV, nullptr); // 0 on error
        if (!(per_g > 0)) {
            throw DataError("no attenuation of " + e.symbol + " at " + std::to_string(energy_keV) +
                            " keV (outside xraylib's tables) check the beam energy");
        }
        sum += e.fraction * AtomicWeight(e.z, nullptr) * per_g;
    }
    return sum / mean_atomic_mass(composition);
}

double mass_scattering_cm2_g(Composition const& composition, double energy_keV) {
    double photoelectric = 0;
    for (auto const& e : composition.elements)
        photoelectric += e.fraction * AtomicWeight(e.z, nullptr) * CS_Photo(e.z, energy_keV, nullptr);
    return mass_attenuation_cm2_g(composition, energy_keV) - photoelectric / mean_atomic_mass(composition);
}

std::optional<double> optical_thickness(Sample const& sample, double energy_keV) {
    if (sample.transmission) {
        if (!(*sample.transmission > 0 && *sample.transmission <= 1)) {
            throw DataError("sample transmission " + std::to_string(*sample.transmission) +
                            " is impossible (it must lie above 0 and not above 1) announce the measured ratio or \"computed\"");
        }
        return thickness_of_transmission(sample, *sample.transmission);
    }
    if (!sample.density_g_cm3 || !(sample.thickness_um > 0) || sample.composition.elements.empty()) return std::nullopt;
    return mass_attenuation_cm2_g(sample.composition, energy_keV) * *sample.density_g_cm3 * sample.thickness_um * um_to_cm;
}

std::vector<FluorescenceLine> fluorescence_lines(Composition const& composition, double energy_keV) {
    std::vector<FluorescenceLine> lines;
    for (auto const& e : composition.elements) {
        for (int line = KL1_LINE; line >= L3Q1_LINE; --line) { // xraylib numbers its lines downwards, K shell first
            double const barn = CSb_FluorLine(e.z, line, energy_keV, nullptr);
            if (!(barn > 0)) continue;
            lines.push_back({e.z, LineEnergy(e.z, line, nullptr), e.fraction * barn / (4 * std::numbers::pi * thomson_r2_barn)});
        }
    }
    return lines;
}

} // namespace sqd
