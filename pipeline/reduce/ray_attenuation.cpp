#include "pipeline/reduce/ray_attenuation.hpp"

#include "pipeline/core/units.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <xraylib/xraylib.h>

#include <array>
#include <cmath>

namespace sqd {

namespace {

constexpr double m_to_cm = 1e2;
constexpr double gas_constant = 8.314462618; ///< J/(mol K), CODATA 2018
constexpr double zero_celsius_K = 273.15;
constexpr double air_molar_mass_kg = 28.96546e-3; ///< Picard, Davis, Glaeser & Fujii, Metrologia 45, 149 (2008), 0.04 % of CO2

/// By mass: "Air, Dry (near sea level)" of Hubbell & Seltzer, NISTIR 5632 (1995), table 2. The carbon is that of carbon dioxide.
struct MassFraction {
    int z;
    double fraction;
};
constexpr std::array dry_air{MassFraction{6, 0.000124}, MassFraction{7, 0.755268}, MassFraction{8, 0.231781}, MassFraction{18, 0.012827}};

Composition air_composition() {
    Composition air;
    air.text = "air";
    for (auto const& [z, fraction] : dry_air) air.elements.push_back({z, "air", fraction / AtomicWeight(z, nullptr)});
    return air;
}

/// p M / (R T)
double air_density_g_cm3(AirPath const& air) {
    double const pressure_Pa = 100 * air.pressure_hPa,
                 kg_m3 = pressure_Pa * air_molar_mass_kg / (gas_constant * (air.temperature_C + zero_celsius_K));
    return 1e-3 * kg_m3;
}

/// -mu t (1/cos - 1)
double exponent(double thickness, double cosine) {
    if (thickness == 0) return 0;
    return cosine > 0 ? -thickness * (1 / cosine - 1) : -HUGE_VAL;
}

} // namespace

double RayAttenuation::relative_transmission(double cos_incidence, double cos_two_theta) const {
    return std::exp(exponent(along_detector, cos_incidence) + exponent(along_beam, cos_two_theta));
}

RayAttenuation ray_attenuation(std::optional<AirPath> const& air, std::optional<Absorber> const& absorber, double energy_keV) {
    RayAttenuation out;
    if (air) out.along_detector = mass_attenuation_cm2_g(air_composition(), energy_keV) * air_density_g_cm3(*air) * air->length_m * m_to_cm;
    if (!absorber) return out;
    double const thickness =
        mass_attenuation_cm2_g(absorber->material, energy_keV) * absorber->density_g_cm3 * absorber->thickness_um * um_to_cm;
    (absorber->faces_beam ? out.along_beam : out.along_detector) += thickness;
    return out;
}

} // namespace sqd
