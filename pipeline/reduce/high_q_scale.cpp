// The scale where S(q) oscillates about 1.
#include "pipeline/reduce/high_q_scale.hpp"

#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

std::size_t first_of_upper_third(std::vector<double> const& q) {
    double const from = q.back() - (q.back() - q.front()) / 3;
    std::size_t i = 0;
    while (q[i] < from) ++i;
    return i;
}

} // namespace

LinearScale high_q_scale(ScaledData const& data) {
    std::size_t const first = first_of_upper_third(data.q_invA);
    double yt = 0, tt = 0;
    for (std::size_t i = first; i < data.q_invA.size(); ++i) {
        yt += data.y[i] * data.t[i];
        tt += data.t[i] * data.t[i];
    }
    LinearScale scale;
    scale.alpha = tt / yt;
    scale.response.assign(data.q_invA.size(), 0.0);
    for (std::size_t i = first; i < data.q_invA.size(); ++i) scale.response[i] = -scale.alpha * data.t[i] / yt;
    return scale;
}

std::optional<LinearScale> high_q_scale_with_constant(ScaledData const& data) {
    if (data.u.empty()) return std::nullopt;
    std::size_t const first = first_of_upper_third(data.q_invA), n = data.q_invA.size();
    double tt = 0, tu = 0, uu = 0, ty = 0, uy = 0;
    for (std::size_t i = first; i < n; ++i) {
        tt += data.t[i] * data.t[i];
        tu += data.t[i] * data.u[i];
        uu += data.u[i] * data.u[i];
        ty += data.t[i] * data.y[i];
        uy += data.u[i] * data.y[i];
    }
    double const determinant = tt * uu - tu * tu;
    if (!(determinant > 1e-12 * tt * uu)) return std::nullopt;
    // y = a t + b u with alpha = 1 / a, constant = b / a
    double const a = (uu * ty - tu * uy) / determinant, b = (tt * uy - tu * ty) / determinant;
    LinearScale scale{1 / a, std::vector<double>(n, 0.0), b / a, std::vector<double>(n, 0.0)};
    for (std::size_t i = first; i < n; ++i) {
        double const da = (uu * data.t[i] - tu * data.u[i]) / determinant, db = (tt * data.u[i] - tu * data.t[i]) / determinant;
        scale.response[i] = -da / (a * a);
        scale.constant_response[i] = (db - scale.constant * da) / a;
    }
    return scale;
}

} // namespace sqd
