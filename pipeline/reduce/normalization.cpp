// The scale of one atom.
#include "pipeline/reduce/normalization.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

// Running integrals of q^2 y and q^2 t from 0 to each point.
struct Moments {
    std::vector<double> y, t;
};

std::vector<double> running_moment(std::vector<double> const& q, std::vector<double> const& f) {
    std::vector<double> sum(q.size());
    sum[0] = q[0] * q[0] * q[0] / 3 * f[0];
    for (std::size_t i = 1; i < q.size(); ++i) {
        sum[i] = sum[i - 1] + (q[i] - q[i - 1]) * (q[i] * q[i] * f[i] + q[i - 1] * q[i - 1] * f[i - 1]) / 2;
    }
    return sum;
}

double kmn(Moments const& m, std::size_t last, double density_A3) {
    return (m.t[last] - 2 * std::numbers::pi * std::numbers::pi * density_A3) / m.y[last];
}

// d alpha / d y_j: alpha is a number over int q^2 y dq.
std::vector<double> kmn_response(ScaledData const& data, Moments const& m, double alpha) {
    auto response = trapezoid_weights(data.q_invA);
    for (std::size_t j = 0; j < response.size(); ++j) {
        double const q = data.q_invA[j];
        response[j] = -alpha / m.y.back() * (response[j] * q * q + (j == 0 ? q * q * q / 3 : 0));
    }
    return response;
}

double kmn_half_range(ScaledData const& data, Moments const& m, double density_A3) {
    constexpr double period_invA = 2.6;
    double const q_max = data.q_invA.back();
    double const from = q_max - std::min(period_invA, (q_max - data.q_invA.front()) / 2);
    double low = kmn(m, data.q_invA.size() - 1, density_A3), high = low;
    for (std::size_t i = data.q_invA.size(); i-- > 0 && data.q_invA[i] >= from;) {
        double const alpha = kmn(m, i, density_A3);
        low = std::min(low, alpha);
        high = std::max(high, alpha);
    }
    return (high - low) / 2;
}

double high_q(ScaledData const& data) {
    double const from = data.q_invA.back() - (data.q_invA.back() - data.q_invA.front()) / 3;
    double yt = 0, tt = 0;
    for (std::size_t i = 0; i < data.q_invA.size(); ++i) {
        if (data.q_invA[i] < from) continue;
        yt += data.y[i] * data.t[i];
        tt += data.t[i] * data.t[i];
    }
    return tt / yt;
}

} // namespace

std::vector<double> trapezoid_weights(std::vector<double> const& x) {
    std::vector<double> weight(x.size(), 0.0);
    for (std::size_t i = 1; i < x.size(); ++i) {
        double const half = (x[i] - x[i - 1]) / 2;
        weight[i - 1] += half;
        weight[i] += half;
    }
    return weight;
}

std::optional<Scale> normalize(ScaledData const& data, double density_A3) {
    if (data.q_invA.size() < 10) return std::nullopt;
    Moments const moments{running_moment(data.q_invA, data.y), running_moment(data.q_invA, data.t)};
    double const alpha = kmn(moments, data.q_invA.size() - 1, density_A3);
    if (!(alpha > 0) || !std::isfinite(alpha)) return std::nullopt;

    Normalization n;
    n.alpha = n.alpha_kmn = alpha;
    n.alpha_high_q = high_q(data);
    n.alpha_spread = kmn_half_range(data, moments, density_A3);
    n.density_A3 = density_A3;
    n.q_min_invA = data.q_invA.front();
    n.q_max_invA = data.q_invA.back();
    n.method = "kmn";
    return Scale{n, kmn_response(data, moments, alpha)};
}

} // namespace sqd
