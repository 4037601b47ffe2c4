// An estimate of multiple scattering.
#include "pipeline/reduce/multiple_scattering.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/compton.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/sample_absorption.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace sqd {

std::optional<double> multiple_scattering_ratio(Sample const& sample, double energy_keV) {
    auto const thickness = optical_thickness(sample, energy_keV);
    if (!thickness || sample.composition.elements.empty()) return std::nullopt;
    double const part = mass_scattering_cm2_g(sample.composition, energy_keV) / mass_attenuation_cm2_g(sample.composition, energy_keV);
    return -std::expm1(-*thickness * mean_path(sample) * part);
}

double mean_single_scattering(ReductionConfig const& config) {
    constexpr std::size_t directions = 400; // midpoints in 2theta: the forward peak is some degrees wide
    auto const& options = *config.structure_factor;
    double const step = std::numbers::pi / directions, wavelength = wavelength_A(config.energy_keV);
    std::vector<double> q;
    for (std::size_t i = 0; i < directions; ++i) q.push_back(q_invA(step * (static_cast<double>(i) + 0.5), wavelength));
    auto const f = form_factor_averages(config.sample.composition, q, options.anomalous ? std::optional(config.energy_keV) : std::nullopt,
                                        options.form_factors);
    auto const compton = compton_mean(config.sample.composition, q);
    double sum = 0;
    for (std::size_t i = 0; i < directions; ++i) {
        double const angle = step * (static_cast<double>(i) + 0.5), cosine = std::cos(angle), p = ring_polarization(cosine);
        double const recoil = klein_nishina_over_thomson(compton_energy_ratio(config.energy_keV, cosine), p);
        sum += step * std::sin(angle) / 2 * p * (f.f2_mean[i] + compton[i] * recoil);
    }
    return sum;
}

} // namespace sqd
