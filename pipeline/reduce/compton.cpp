// Inelastic scattering of the average atom.
#include "pipeline/reduce/compton.hpp"

#include "pipeline/core/units.hpp"

#include <xraylib/xraylib.h>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

std::vector<double> compton_mean(Composition const& composition, std::vector<double> const& q_invA) {
    constexpr double s_low = 0.0064; // xraylib's spline fails below 0.005
    std::vector<double> mean(q_invA.size());
    for (auto const& e : composition.elements) {
        for (std::size_t i = 0; i < q_invA.size(); ++i) {
            double const s = q_invA[i] / (4 * std::numbers::pi);
            double const ratio = s < s_low ? s / s_low : 1;
            mean[i] += e.fraction * ratio * ratio * SF_Compt(e.z, std::fmax(s, s_low), nullptr);
        }
    }
    return mean;
}

double compton_energy_ratio(double energy_keV, double cos_two_theta) {
    return 1 / (1 + energy_keV / electron_rest_keV * (1 - cos_two_theta));
}

double klein_nishina_over_thomson(double energy_ratio, double polarization) {
    double const k = energy_ratio;
    return k * k * ((k + 1 / k) / 2 - 1 + polarization) / polarization;
}

double ring_polarization(double cos_two_theta) {
    return (1 + cos_two_theta * cos_two_theta) / 2;
}

} // namespace sqd
