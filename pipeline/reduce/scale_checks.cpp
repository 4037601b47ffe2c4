// Does S(q) look as if its scale were right?
#include "pipeline/reduce/scale_checks.hpp"

#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/spectrum.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace sqd {

namespace {

// Mean of weight(q) (S - 1) over the points from `from` on.
template <class Weight>
Measured mean_excess(StructureFactor const& sq, double from, Weight const& weight) {
    std::vector<double> a(sq.q_invA.size(), 0.0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += sq.q_invA[i] >= from;
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (sq.q_invA[i] < from) continue;
        a[i] = weight(sq.q_invA[i]) / static_cast<double>(count);
        sum += a[i] * (sq.s[i] - 1);
    }
    return {sum, spread_of(sq.errors, sensitivity(sq.errors, a)).sigma};
}

// sum_k k sin(k x), k = 1 .. n.
double weighted_sines(double x, int n) {
    double const half = std::sin(x / 2);
    constexpr double cancels = 0.3;
    if (n * std::abs(x) > cancels) return std::sin((n + 1) * x) / (4 * half * half) - (n + 1) * std::cos((n + 0.5) * x) / (2 * half);
    double sum = 0;
    for (int k = 1; k <= n; ++k) sum += k * std::sin(k * x);
    return sum;
}

double density_by_slope(StructureFactor const& sq, PairDistributionConfig config) {
    constexpr int points = 200;
    config.window = Window::none;
    config.iterations = 0;
    auto const made_of = spectrum(sq, config);
    double const step = config.low_r_cut_A / points;
    double slope = 0, square = 0; // sum r G and sum r^2 over r = step, 2 step, ...
    for (std::size_t i = 0; i < made_of.kernel.size(); ++i)
        slope += made_of.kernel[i] * made_of.excess[i] * step * weighted_sines(made_of.grid.q_invA[i] * step, points);
    for (int k = 1; k <= points; ++k) square += step * k * step * k;
    return -slope / square / (4 * std::numbers::pi);
}

} // namespace

ScaleChecks scale_checks(StructureFactor const& sq, std::optional<PairDistributionConfig> const& gr) {
    double const range = sq.q_invA.back() - sq.q_invA.front();
    ScaleChecks out;
    out.s_high_q = mean_excess(sq, sq.q_invA.back() - range / 3, [](double) { return 1.0; });
    out.s_high_q.value += 1;
    out.f_mean = mean_excess(sq, sq.q_invA.front() + range / 3, [](double q) { return q; });
    if (gr && gr->low_r_cut_A > 0) out.density_low_r_A3 = density_by_slope(sq, *gr);
    return out;
}

} // namespace sqd
