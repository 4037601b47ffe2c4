#include "daemon/simulate/atomic_terms.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/core/waasmaier_kirfel.hpp"

#include <xraylib/xraylib.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace sqd::simulated {

namespace {

constexpr double cm2_per_g_to_A2_g_mol = 1.0 / avogadro_per_A3 * 1e-8; ///< sigma [A^2] = this * (cm^2/g) * (g/mol)

/// Calls an xraylib function and turns its error into an exception.
template <class Call>
double checked(char const* what, Call const& call) {
    xrl_error* error = nullptr;
    auto const value = call(&error);
    if (error == nullptr) return value;
    std::string const reason = error->message;
    xrl_error_free(error);
    throw DataError(std::string(what) + " is not known (" + reason + ") use an element and energy of the xraylib tables");
}

} // namespace

double form_factor(int z, double q_invA) {
    auto const& row = waasmaier_kirfel(z);
    auto const s = q_invA / (4 * std::numbers::pi);
    auto f = row.c;
    for (std::size_t i = 0; i < row.a.size(); ++i) f += row.a[i] * std::exp(-row.b[i] * s * s);
    return f;
}

double incoherent_function(int z, double q_invA) {
    constexpr double table_begin_invA = 0.1; // xraylib refuses s below about 0.005
    auto const q = std::max(q_invA, table_begin_invA);
    auto const s = q / (4 * std::numbers::pi);
    auto const value = checked("the Compton scattering function", [&](xrl_error** e) { return SF_Compt(z, s, e); });
    return value * (q_invA / q) * (q_invA / q);
}

double sensor_attenuation_per_cm(std::string const& material, double energy_keV) {
    struct Known {
        char const* name;
        double density_g_cm3;
    };
    for (auto const& known : {Known{"Si", 2.33}, Known{"CdTe", 5.85}, Known{"GaAs", 5.32}})
        if (material == known.name)
            return known.density_g_cm3 *
                   checked("the sensor's attenuation", [&](xrl_error** e) { return CS_Total_CP(known.name, energy_keV, e); });
    throw DataError("sensor material '" + material + "' is not known (its density is needed) use Si, CdTe or GaAs");
}

Material::Material(Composition composition, double density_g_cm3, double energy_keV)
    : density_g_cm3_(density_g_cm3), energy_keV_(energy_keV) {
    for (auto const& e : composition.elements) {
        auto const mass = checked("the atomic mass", [&](xrl_error** error) { return AtomicWeight(e.z, error); });
        auto const f1 = checked("f'", [&](xrl_error** error) { return Fi(e.z, energy_keV, error); });
        auto const f2 = -checked("f''", [&](xrl_error** error) { return Fii(e.z, energy_keV, error); });
        elements_.push_back({e.z, e.fraction, mass, f1, f2});
        mean_mass_ += e.fraction * mass;
    }
}

double Material::number_density_A3() const {
    return avogadro_per_A3 * density_g_cm3_ / mean_mass_;
}

AtomicTerms Material::terms(double q_invA) const {
    AtomicTerms t;
    double real = 0, imaginary = 0;
    for (auto const& e : elements_) {
        auto const f = form_factor(e.z, q_invA) + e.f1;
        t.mean_square += e.fraction * (f * f + e.f2 * e.f2);
        real += e.fraction * f;
        imaginary += e.fraction * e.f2;
        t.compton += e.fraction * incoherent_function(e.z, q_invA);
    }
    t.square_mean = real * real + imaginary * imaginary;
    return t;
}

double Material::attenuation_per_cm(double energy_keV) const {
    double mass_weighted = 0;
    for (auto const& e : elements_)
        mass_weighted +=
            e.fraction * e.mass * checked("the attenuation", [&](xrl_error** error) { return CS_Total(e.z, energy_keV, error); });
    return density_g_cm3_ * mass_weighted / mean_mass_;
}

std::vector<FluorescenceLine> Material::lines_above(double threshold_keV) const {
    std::vector<FluorescenceLine> lines;
    for (auto const& e : elements_) {
        for (int line = KL1_LINE; line >= P3P5_LINE; --line) { // the single lines, numbered downwards
            auto const energy = LineEnergy(e.z, line, nullptr);
            if (energy <= threshold_keV) continue; // 0 = no such line
            auto const cm2_per_g = CS_FluorLine(e.z, line, energy_keV_, nullptr);
            if (cm2_per_g > 0) lines.push_back({e.z, energy, e.fraction * e.mass * cm2_per_g * cm2_per_g_to_A2_g_mol});
        }
    }
    return lines;
}

} // namespace sqd::simulated
