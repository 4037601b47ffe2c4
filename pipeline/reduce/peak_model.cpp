// The shape of a diffraction peak of a glass.
#include "pipeline/reduce/peak_model.hpp"

#include "pipeline/reduce/lane_loops.hpp"

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

std::vector<double> peak_decays(PeakParameters const& p, std::span<double const> q) {
    std::vector<double> square(q.size()), out(q.size());
    double const centre = p[peak::centre], left = p[peak::width_left], right = p[peak::width_right];
    for (std::size_t i = 0; i < q.size(); ++i) {
        double const u = (q[i] - centre) / (q[i] < centre ? left : right);
        square[i] = u * u;
    }
    exponentials(square, -std::numbers::ln2, out);
    return out;
}

std::vector<double> peak_values(PeakParameters const& p, std::span<double const> q) {
    auto out = peak_decays(p, q);
    double const centre = p[peak::centre];
    for (std::size_t i = 0; i < q.size(); ++i) {
        bool const left = q[i] < centre;
        double const u = (q[i] - centre) / (left ? p[peak::width_left] : p[peak::width_right]);
        double const eta = left ? p[peak::eta_left] : p[peak::eta_right];
        out[i] = p[peak::height] * (eta / (1 + u * u) + (1 - eta) * out[i]) + p[peak::base] + p[peak::slope] * q[i];
    }
    return out;
}

} // namespace sqd
