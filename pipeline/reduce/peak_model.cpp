// The shape of a diffraction peak of a glass.
#include "pipeline/reduce/peak_model.hpp"

#include <cmath>
#include <numbers>

namespace sqd {

double peak_component(PeakParameters const& p, double q) {
    bool const left = q < p[peak::centre];
    double const u = (q - p[peak::centre]) / p[left ? peak::width_left : peak::width_right];
    double const eta = p[left ? peak::eta_left : peak::eta_right];
    return p[peak::height] * (eta / (1 + u * u) + (1 - eta) * std::exp(-std::numbers::ln2 * u * u));
}

double peak_value(PeakParameters const& p, double q) {
    return peak_component(p, q) + p[peak::base] + p[peak::slope] * q;
}

} // namespace sqd
