#include "daemon/simulate/glass_beam.hpp"

#include "daemon/simulate/uniform_table.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sqd::simulated {

namespace {

constexpr double electron_radius_A = 2.8179403262e-5; ///< classical electron radius (CODATA 2018)
constexpr double cm_per_um = 1e-4, A_per_um = 1e4, A_per_mm = 1e7;
constexpr double table_step_invA = 0.004;

/// Dry air at 20 C: molecules per volume, and what an average molecule scatters.
constexpr double air_density_g_cm3 = 1.205e-3, air_mass_g_mol = 28.96;
struct Gas {
    int z;
    double fraction, bond_A; ///< bond 0 = single atoms
};
constexpr std::array air_gases{Gas{7, 0.781, 1.098}, Gas{8, 0.210, 1.208}, Gas{18, 0.009, 0}};

/// Coherent scattering of an average molecule of air, free molecules (Debye 1915): 2 f^2 [1 + sin(q d) / (q d)] for two atoms.
double air_coherent_units(double q) {
    double sum = 0;
    for (auto const& gas : air_gases) {
        auto const f = form_factor(gas.z, q);
        auto const x = q * gas.bond_A;
        sum += gas.fraction * f * f * (gas.bond_A > 0 ? 2 * (1 + (x > 0 ? std::sin(x) / x : 1)) : 1);
    }
    return sum;
}

double air_compton_units(double q) {
    double sum = 0;
    for (auto const& gas : air_gases) sum += gas.fraction * (gas.bond_A > 0 ? 2 : 1) * incoherent_function(gas.z, q);
    return sum;
}

double air_molecules_per_A2(double path_mm) {
    return avogadro_per_A3 * air_density_g_cm3 / air_mass_g_mol * path_mm * A_per_mm;
}

double cos_two_theta(double q, double wavelength) {
    auto const sine = q * wavelength / (4 * std::numbers::pi); // of theta
    return 1 - 2 * sine * sine;
}

double sensor_depth_at(GlassBeam const& beam, double energy_keV) {
    return sensor_attenuation_per_cm(beam.sensor_material, energy_keV) * beam.sensor_thickness_um * cm_per_um;
}

} // namespace

double plate_escape(double in_depth, double exit_depth) {
    auto const d = exit_depth - in_depth;
    return std::exp(-in_depth) * (std::abs(d) < 1e-12 ? 1 : -std::expm1(-d) / d);
}

GlassScattering::GlassScattering(GlassSample const& sample, GlassBeam const& beam, double q_max_invA)
    : material_(sample.composition, sample.density_g_cm3, beam.energy_keV),
      structure_(material_.number_density_A3(), q_max_invA + 4 * table_step_invA), wavelength_A_(sqd::wavelength_A(beam.energy_keV)),
      depth_(material_.attenuation_per_cm(beam.energy_keV) * sample.thickness_um * cm_per_um),
      sensor_depth_(beam.sensor_material.empty() ? 0 : sensor_depth_at(beam, beam.energy_keV)),
      atoms_per_A2_(material_.number_density_A3() * sample.thickness_um * A_per_um),
      transmission_(sample.transmission.value_or(std::exp(-depth_))),
      air_through_(sample.upstream_fraction + (1 - sample.upstream_fraction) * transmission_) {
    if (cos_two_theta(q_max_invA + 4 * table_step_invA, wavelength_A_) <= 0)
        throw DataError("the detector sees angles of 90 degrees and more (the virtual glass is a plate seen in transmission) move the "
                        "detector away");
    for (auto const& line : material_.lines_above(beam.threshold_keV))
        lines_.push_back({line, material_.attenuation_per_cm(line.energy_keV) * sample.thickness_um * cm_per_um,
                          beam.sensor_material.empty() ? 0 : sensor_depth_at(beam, line.energy_keV),
                          atoms_per_A2_ * line.cross_section_A2 / (4 * std::numbers::pi)});
    auto const size = static_cast<std::size_t>(q_max_invA / table_step_invA) + 4;
    for (std::size_t i = 0; i < size; ++i) {
        auto const t = exact(table_step_invA * static_cast<double>(i), sample, beam);
        table_.push_back({t.coherent, t.compton, t.air_coherent, t.air_compton, t.energy_ratio, t.compton_sensor_depth});
    }
}

RadialTerms GlassScattering::exact(double q, GlassSample const& sample, GlassBeam const& beam) const {
    auto const cosine = cos_two_theta(q, wavelength_A_);
    auto const atoms = material_.terms(q);
    auto const glass = atoms_per_A2_ * electron_radius_A * electron_radius_A;
    auto const air = air_molecules_per_A2(sample.air_path_mm) * electron_radius_A * electron_radius_A;
    RadialTerms t;
    t.energy_ratio = 1 / (1 + beam.energy_keV / electron_rest_keV * (1 - cosine)); // Compton 1923
    auto const compton_keV = beam.energy_keV * t.energy_ratio;
    auto const exit_depth = material_.attenuation_per_cm(compton_keV) * sample.thickness_um * cm_per_um;
    t.coherent = glass * (atoms.square_mean * (structure_.s(q) - 1) + atoms.mean_square) * plate_escape(depth_, depth_ / cosine);
    t.compton = glass * atoms.compton * plate_escape(depth_, exit_depth / cosine);
    t.air_coherent = air * air_coherent_units(q);
    t.air_compton = air * air_compton_units(q);
    t.compton_sensor_depth = beam.sensor_material.empty() ? 0 : sensor_depth_at(beam, compton_keV);
    return t;
}

RadialTerms GlassScattering::radial(double q) const {
    CubicStencil const stencil(q / table_step_invA, table_.size());
    std::array<double, columns> v{};
    for (std::size_t i = 0; i < stencil.weight.size(); ++i)
        for (std::size_t k = 0; k < columns; ++k) v[k] += stencil.weight[i] * table_[stencil.begin + i][k];
    return {v[0], v[1], v[2], v[3], v[4], v[5]};
}

double GlassScattering::efficiency(double cos_incidence) const {
    return sensor_depth_ > 0 ? -std::expm1(-sensor_depth_ / cos_incidence) : 1;
}

double GlassScattering::fluorescence(double cosine, double cos_incidence) const {
    double sum = 0;
    for (auto const& line : lines_)
        sum += line.per_steradian * plate_escape(depth_, line.exit_depth / cosine) *
               (line.sensor_depth > 0 ? -std::expm1(-line.sensor_depth / cos_incidence) : 1);
    return sum;
}

} // namespace sqd::simulated
