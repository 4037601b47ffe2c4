// The amplitude of the fluorescence.
#include "pipeline/reduce/fluorescence_fit.hpp"

#include "pipeline/reduce/kmn_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

// All that k hangs on: the integral of the sum rule, and means over the upper half of products of y, x and e = S_1 - 1, the curve with the
// fluorescence of the tables: small, so that nothing cancels.
enum Sum : std::size_t { moment, ee, ey, ex, yy, yx, data_sums };
using DataSums = std::array<double, data_sums>;
struct Constants {
    double alpha = 0;                  ///< that e was made with
    double t_moment = 0, x_moment = 0; ///< numerators of alpha = (t_moment + k x_moment) / moment
    double xx = 0, independent = 0;
};

struct Amplitude {
    double k, sigma;
};

Amplitude solve(Constants const& c, DataSums const& sums) {
    // S_k - 1 = e + shift y + (k - 1) (slope y - x)
    double const slope = c.x_moment / sums[moment], shift = (c.t_moment + c.x_moment) / sums[moment] - c.alpha;
    double const r00 = sums[ee] + 2 * shift * sums[ey] + shift * shift * sums[yy];
    double const r01 = slope * sums[ey] - sums[ex] + shift * (slope * sums[yy] - sums[yx]);
    double const r11 = slope * slope * sums[yy] - 2 * slope * sums[yx] + c.xx;
    constexpr double prior = 1 / (fluorescence_prior_sigma * fluorescence_prior_sigma);
    double by = 0, sigma = fluorescence_prior_sigma; // k - 1
    constexpr int rounds = 2;
    for (int round = 0; round < rounds; ++round) {
        double const weight = c.independent / (r00 + 2 * by * r01 + by * by * r11);
        by = -weight * r01 / (prior + weight * r11);
        sigma = 1 / std::sqrt(prior + weight * r11);
    }
    return {1 + by, sigma};
}

// dk / d sum, by central differences.
DataSums slopes(Constants const& c, DataSums const& sums) {
    double const e = std::sqrt(sums[ee]), y = std::sqrt(sums[yy]), x = std::sqrt(c.xx);
    DataSums const size{sums[moment], e * e, e * y, e * x, y * y, y * x};
    DataSums out{};
    for (std::size_t s = 0; s < data_sums; ++s) {
        auto up = sums, down = sums;
        double const step = 1e-5 * size[s];
        up[s] += step;
        down[s] -= step;
        out[s] = (solve(c, up).k - solve(c, down).k) / (2 * step);
    }
    return out;
}

} // namespace

FluorescenceFit fit_fluorescence(ScaledData const& data, std::vector<double> const& x, double density_A3,
                                 NormalizationConfig const& config) {
    constexpr double oscillation_invA = 2.6;
    KmnScale const sum_rule(data, density_A3, config);
    auto const& q = data.q_invA;
    auto const& weights = sum_rule.weights();
    std::size_t const n = q.size();
    double const from = (q.front() + q.back()) / 2;
    auto const first = static_cast<std::size_t>(std::lower_bound(q.begin(), q.end(), from) - q.begin());
    double const points = static_cast<double>(n - first);

    DataSums sums{};
    for (std::size_t j = 0; j < n; ++j) sums[moment] += weights[j] * data.y[j];
    Constants c;
    c.t_moment = sum_rule.alpha() * sums[moment];
    c.x_moment = sum_rule.share_of(x) * sums[moment];
    c.alpha = (c.t_moment + c.x_moment) / sums[moment];
    c.independent = (q.back() - from) / (oscillation_invA / 2);
    auto const e = [&](std::size_t i) { return c.alpha * data.y[i] - data.t[i] - x[i]; };
    for (std::size_t i = first; i < n; ++i) {
        sums[ee] += e(i) * e(i) / points;
        sums[ey] += e(i) * data.y[i] / points;
        sums[ex] += e(i) * x[i] / points;
        sums[yy] += data.y[i] * data.y[i] / points;
        sums[yx] += data.y[i] * x[i] / points;
        c.xx += x[i] * x[i] / points;
    }

    auto const [k, sigma] = solve(c, sums);
    auto const slope = slopes(c, sums);
    FluorescenceFit fit{k, sigma, std::vector<double>(n)};
    for (std::size_t j = 0; j < n; ++j) {
        fit.response[j] = slope[moment] * weights[j];
        if (j < first) continue;
        double const y = data.y[j]; // de = alpha dy
        fit.response[j] += (slope[ee] * 2 * e(j) * c.alpha + slope[ey] * (e(j) + c.alpha * y) + slope[ex] * c.alpha * x[j] +
                            slope[yy] * 2 * y + slope[yx] * x[j]) /
                           points;
    }
    return fit;
}

} // namespace sqd
