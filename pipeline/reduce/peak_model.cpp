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

double peak_value(PeakParameters const& p, double q, PeakParameters& gradient) {
    bool const left = q < p[peak::centre];
    peak::Parameter const width = left ? peak::width_left : peak::width_right, mixing = left ? peak::eta_left : peak::eta_right;
    double const u = (q - p[peak::centre]) / p[width], eta = p[mixing];
    double const lorentz = 1 / (1 + u * u), gauss = std::exp(-std::numbers::ln2 * u * u);
    double const shape = eta * lorentz + (1 - eta) * gauss;
    double const by_u = -2 * u * (eta * lorentz * lorentz + (1 - eta) * std::numbers::ln2 * gauss);
    gradient.fill(0);
    gradient[peak::height] = shape;
    gradient[peak::centre] = -p[peak::height] * by_u / p[width];
    gradient[width] = -p[peak::height] * by_u * u / p[width];
    gradient[mixing] = p[peak::height] * (lorentz - gauss);
    gradient[peak::base] = 1;
    gradient[peak::slope] = q;
    return p[peak::height] * shape + p[peak::base] + p[peak::slope] * q;
}

} // namespace sqd
