// The scale by the sum rule of Krogh-Moe and Norman.
#include "pipeline/reduce/kmn_scale.hpp"

#include "pipeline/reduce/gauss_legendre.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace sqd {

namespace {

double damped(double q, double damping_A2) {
    return damping_A2 == 0 ? 1 : std::exp(-damping_A2 * q * q);
}

// int_0^end q^2 q^power exp(-a q^2) dq
double low_moment(std::size_t power, double end, double damping_A2) {
    double undamped = end * end * end;
    for (std::size_t k = 0; k < power; ++k) undamped *= end;
    if (damping_A2 == 0) return undamped / static_cast<double>(power + 3);
    auto const points = gauss_legendre(16, 0, end);
    double sum = 0;
    for (std::size_t i = 0; i < points.x.size(); ++i)
        sum += points.weight[i] * std::pow(points.x[i], static_cast<double>(power + 2)) * damped(points.x[i], damping_A2);
    return sum;
}

// Weights of the first data in the part of the integral below them.
std::vector<double> low_weights(LowQModel const& model, double damping_A2) {
    std::vector<double> out;
    for (std::size_t k = 0; k < model.weight.size(); ++k) {
        auto const& weight = model.weight[k];
        out.resize(std::max(out.size(), weight.size()), 0.0);
        double const moment = low_moment(k, model.end_invA, damping_A2);
        for (std::size_t m = 0; m < weight.size(); ++m) out[m] += moment * weight[m];
    }
    return out;
}

std::vector<double> running_moment(std::vector<double> const& q, std::vector<double> const& f, double from, double damping_A2) {
    std::vector<double> sum(q.size());
    sum[0] = from;
    auto const at = [&](std::size_t i) { return q[i] * q[i] * f[i] * damped(q[i], damping_A2); };
    for (std::size_t i = 1; i < q.size(); ++i) sum[i] = sum[i - 1] + (q[i] - q[i - 1]) * (at(i) + at(i - 1)) / 2;
    return sum;
}

double dot(std::vector<double> const& weights, std::vector<double> const& values) { // of the first ones
    return std::inner_product(weights.begin(), weights.end(), values.begin(), 0.0);
}

} // namespace

KmnScale::KmnScale(ScaledData const& data, double density_A3, NormalizationConfig const& config)
    : q_(data.q_invA), weights_(trapezoid_weights(data.q_invA)), density_term_(2 * std::numbers::pi * std::numbers::pi * density_A3) {
    double const a = config.kmn_damping_A2;
    auto const model = low_q_model(config.low_q, q_);
    auto const low = low_weights(model, a);
    // S - 1 = alpha y - t; below the data S, not S - 1, is the sum over data: where the model is no constant, 1 leaves something over.
    double const ones = std::accumulate(low.begin(), low.end(), 0.0);
    double const left_over = model.end_invA > 0 ? low_moment(0, model.end_invA, a) - ones : 0;
    y_ = running_moment(q_, data.y, dot(low, data.y), a);
    t_ = running_moment(q_, data.t, dot(low, data.t) + left_over, a);
    for (std::size_t j = 0; j < q_.size(); ++j)
        weights_[j] = weights_[j] * q_[j] * q_[j] * damped(q_[j], a) + (j < low.size() ? low[j] : 0);
}

std::vector<double> KmnScale::response() const {
    auto out = weights_;
    for (double& weight : out) weight *= -alpha() / y_.back();
    return out;
}

double KmnScale::share_of(std::vector<double> const& term) const {
    return dot(weights_, term) / y_.back();
}

KmnScale::Ends KmnScale::over_last_period() const {
    constexpr double period_invA = 2.6;
    double const from = q_.back() - std::min(period_invA, (q_.back() - q_.front()) / 2);
    double low = alpha(), high = low, sum = 0, later = low;
    std::size_t i = q_.size() - 1;
    for (; i > 0 && q_[i - 1] >= from; --i) {
        double const each = alpha_up_to(i - 1);
        low = std::min(low, each);
        high = std::max(high, each);
        sum += (q_[i] - q_[i - 1]) * (each + later) / 2;
        later = each;
    }
    double const width = q_.back() - q_[i];
    return {(high - low) / 2, width > 0 ? sum / width : alpha()};
}

} // namespace sqd
