// Incomplete gamma and beta functions by series and continued fractions.
#include "pipeline/reduce/tail_probability.hpp"

#include <cassert>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

/// Of a positive number; std::lgamma() keeps a sign for all threads together.
double log_gamma(double x) {
    int sign = 1;
    return ::lgamma_r(x, &sign);
}

constexpr double precision = 1e-14, tiny = 1e-300;
constexpr int most_terms = 1'000'000; // some sqrt(shape) are needed

/// x^a exp(-x) / Gamma(a + 1).
double gamma_term(double a, double x) {
    return std::exp(a * std::log(x) - x - log_gamma(a + 1));
}

/// Lower incomplete gamma function P(a, x) by its series (A & S 6.5.29); for x < a + 1.
double gamma_series(double a, double x) {
    double sum = 1, term = 1;
    for (int n = 1; n < most_terms && term > precision * sum; ++n) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * gamma_term(a, x);
}

/// A continued fraction by the method of Lentz (1976), as Thompson & Barnett (1986) made it safe: feed it its terms in order.
class Lentz {
public:
    explicit Lentz(double first) : c_(1 / tiny), d_(1 / nonzero(first)), value_(d_) {}
    /// The next a / (b + ...); true when it no longer matters.
    bool next(double a, double b) {
        d_ = 1 / nonzero(b + a * d_);
        c_ = nonzero(b + a / c_);
        double const factor = c_ * d_;
        value_ *= factor;
        return std::abs(factor - 1) < precision;
    }
    double value() const { return value_; }

private:
    static double nonzero(double x) { return std::abs(x) < tiny ? tiny : x; }
    double c_, d_, value_;
};

/// Upper incomplete gamma function Q(a, x) by its continued fraction (A & S 6.5.31, even part); for x > a + 1.
double gamma_fraction(double a, double x) {
    Lentz fraction(x + 1 - a);
    for (int n = 1; n < most_terms; ++n) {
        if (fraction.next(-n * (n - a), x + 1 - a + 2 * n)) break;
    }
    return fraction.value() * gamma_term(a, x) * a;
}

double gamma_lower(double a, double x) {
    if (!(x > 0)) return 0;
    return x < a + 1 ? gamma_series(a, x) : 1 - gamma_fraction(a, x);
}

double gamma_upper(double a, double x) {
    if (!(x > 0)) return 1;
    return x < a + 1 ? 1 - gamma_series(a, x) : gamma_fraction(a, x);
}

/// Continued fraction of the incomplete beta function (A & S 26.5.8); converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
    Lentz fraction(1);
    fraction.next(-(a + b) * x / (a + 1), 1);
    for (int m = 1; m < most_terms; ++m) {
        double const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        fraction.next(even, 1);
        if (fraction.next(odd, 1)) break;
    }
    double const front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
    return front * fraction.value() / a;
}

} // namespace

double poisson_tail(double count, double mean) {
    return count > 0 ? gamma_lower(count, mean) : 1;
}

double binomial_tail(double count, double trials, double probability) {
    if (!(count > 0)) return 1;
    if (!(probability > 0) || count > trials) return 0;
    if (probability >= 1) return 1;
    double const a = count, b = trials - count + 1;
    return probability < (a + 1) / (a + b + 2) ? beta_fraction(a, b, probability) : 1 - beta_fraction(b, a, 1 - probability);
}

double pearson3_tail(double z, double skewness) {
    assert(skewness >= 0);
    if (skewness < 1e-4) return 0.5 * std::erfc(z / std::numbers::sqrt2);
    double const shape = 4 / (skewness * skewness);
    return gamma_upper(shape, shape + z * std::sqrt(shape));
}

double pearson3_quantile(double probability, double skewness) {
    assert(probability > 0 && probability < 1);
    double low = -40, high = 40;
    while (pearson3_tail(high, skewness) > probability) high *= 2;
    while (high - low > 1e-10 * (1 + std::abs(high))) {
        double const middle = 0.5 * (low + high);
        (pearson3_tail(middle, skewness) > probability ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

} // namespace sqd
