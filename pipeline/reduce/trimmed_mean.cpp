#include "pipeline/reduce/trimmed_mean.hpp"

#include "pipeline/reduce/tail_probability.hpp"

#include <cassert>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

double density(double z) {
    return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}

/// Standard normal quantile.
double normal_quantile(double p) {
    constexpr double beyond = 9; ///< standard deviations: nothing of a normal law lies farther out
    if (p <= 0) return -beyond;
    return p >= 1 ? beyond : pearson3_quantile(1 - p, 0);
}

} // namespace

double trimmed_mean_variance(double low, double high) {
    assert(0 <= low && low <= high && high <= 1);
    constexpr double as_one = 1e-4; ///< a narrower slice is its quantile, before differences cancel
    if (high - low < as_one) {
        double const p = 0.5 * (low + high), phi = density(normal_quantile(p));
        assert(p > 0 && p < 1);
        return p * (1 - p) / (phi * phi);
    }
    double const a = normal_quantile(low), b = normal_quantile(high), inside = high - low;
    double const mean = low * a + (1 - high) * b + density(a) - density(b);
    double const square = low * a * a + (1 - high) * b * b + inside + a * density(a) - b * density(b);
    return (square - mean * mean) / ((high - low) * (high - low));
}

} // namespace sqd
