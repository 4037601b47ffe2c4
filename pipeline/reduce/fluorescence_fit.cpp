// The amplitude of the fluorescence.
#include "pipeline/reduce/fluorescence_fit.hpp"

#include "pipeline/reduce/kmn_scale.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

// All that k hangs on: of the data the first four sums, over the upper half but for the first, which is that of the sum rule.
enum Sum : std::size_t { moment, yy, yt, yx, data_sums };
struct Sums {
    std::array<double, data_sums> of_data{};
    double tt = 0, tx = 0, xx = 0;     ///< means over the upper half
    double t_moment = 0, x_moment = 0; ///< numerators of alpha = (t_moment + k x_moment) / moment
    double independent = 0;
};

struct Amplitude {
    double k, sigma;
};

Amplitude solve(Sums const& sums, std::array<double, data_sums> const& of_data) {
    double const a0 = sums.t_moment / of_data[moment], a1 = sums.x_moment / of_data[moment];
    double const r00 = a0 * a0 * of_data[yy] - 2 * a0 * of_data[yt] + sums.tt;
    double const r01 = a0 * a1 * of_data[yy] - a0 * of_data[yx] - a1 * of_data[yt] + sums.tx;
    double const r11 = a1 * a1 * of_data[yy] - 2 * a1 * of_data[yx] + sums.xx;
    constexpr double prior = 1 / (fluorescence_prior_sigma * fluorescence_prior_sigma);
    Amplitude out{1, fluorescence_prior_sigma};
    constexpr int rounds = 2;
    for (int round = 0; round < rounds; ++round) {
        double const tau2 = r00 + 2 * out.k * r01 + out.k * out.k * r11, weight = sums.independent / tau2;
        out.k = (prior - weight * r01) / (prior + weight * r11);
        out.sigma = 1 / std::sqrt(prior + weight * r11);
    }
    return out;
}

} // namespace

FluorescenceFit fit_fluorescence(ScaledData const& data, std::vector<double> const& x, double density_A3,
                                 NormalizationConfig const& config) {
    constexpr double oscillation_invA = 2.6;
    KmnScale const sum_rule(data, density_A3, config);
    auto const& q = data.q_invA;
    std::size_t const n = q.size();
    double const from = (q.front() + q.back()) / 2;
    Sums sums;
    auto const& weights = sum_rule.weights();
    for (std::size_t j = 0; j < n; ++j) sums.of_data[moment] += weights[j] * data.y[j];
    sums.t_moment = sum_rule.alpha() * sums.of_data[moment];
    sums.x_moment = sum_rule.share_of(x) * sums.of_data[moment];
    std::size_t const first = [&] {
        std::size_t i = 0;
        while (q[i] < from) ++i;
        return i;
    }();
    double const points = static_cast<double>(n - first);
    for (std::size_t i = first; i < n; ++i) {
        sums.of_data[yy] += data.y[i] * data.y[i] / points;
        sums.of_data[yt] += data.y[i] * data.t[i] / points;
        sums.of_data[yx] += data.y[i] * x[i] / points;
        sums.tt += data.t[i] * data.t[i] / points;
        sums.tx += data.t[i] * x[i] / points;
        sums.xx += x[i] * x[i] / points;
    }
    sums.independent = (q.back() - from) / (oscillation_invA / 2);

    auto const [k, sigma] = solve(sums, sums.of_data);
    std::array<double, data_sums> slope{}; // of k, by central differences: a few sums are all
    for (std::size_t s = 0; s < data_sums; ++s) {
        auto up = sums.of_data, down = sums.of_data;
        double const step = 1e-5 * sums.of_data[s];
        up[s] += step;
        down[s] -= step;
        slope[s] = (solve(sums, up).k - solve(sums, down).k) / (2 * step);
    }
    FluorescenceFit fit{k, sigma, std::vector<double>(n)};
    for (std::size_t j = 0; j < n; ++j) {
        fit.response[j] = slope[moment] * weights[j];
        if (j >= first) fit.response[j] += (2 * slope[yy] * data.y[j] + slope[yt] * data.t[j] + slope[yx] * x[j]) / points;
    }
    return fit;
}

} // namespace sqd
