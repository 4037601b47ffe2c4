// Sensor attenuation from xraylib's tables.
#include "pipeline/reduce/attenuation.hpp"

#include "pipeline/core/errors.hpp"

#include <xraylib.h>

#include <array>
#include <cmath>
#include <string_view>

namespace sqd {

namespace {

struct SensorMaterial {
    std::string_view name;
    double density_g_cm3;
};

constexpr std::array sensor_materials{SensorMaterial{"Si", 2.33}, SensorMaterial{"CdTe", 5.85}, SensorMaterial{"GaAs", 5.32}};

} // namespace

double sensor_attenuation_per_cm(std::string const& material, double energy_keV) {
    for (auto const& known : sensor_materials) {
        if (material != known.name) continue;
        double const per_g = CS_Total_CP(material.c_str(), energy_keV, nullptr); // 0 on error
        if (!(per_g > 0)) {
            throw DataError("no attenuation of " + material + " at " + std::to_string(energy_keV) +
                            " keV (outside xraylib's tables) check the beam energy");
        }
        return per_g * known.density_g_cm3;
    }
    throw DataError("sensor material \"" + material + "\" is not known (its density is needed) use Si, CdTe or GaAs");
}

double absorbed_fraction(double attenuation_length_ratio) {
    return -std::expm1(-attenuation_length_ratio);
}

} // namespace sqd
