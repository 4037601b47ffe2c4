// From the errors of a pattern to those of everything that is found on a curve made of it.
#include "pipeline/reduce/error_propagation.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/correlation.hpp"

#include <Eigen/Core>

#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace sqd {

namespace {

double dot(std::vector<double> const& a, std::vector<double> const& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// b_j sigma_j; a bin that does not count may have an unknown sigma.
std::vector<double> spreads(std::vector<double> const& sigma, std::vector<double> const& b) {
    std::vector<double> out(b.size(), 0.0);
    for (std::size_t j = 0; j < b.size(); ++j)
        if (b[j] != 0) out[j] = b[j] * sigma[j];
    return out;
}

// Of sums whose terms b_j x_j spread by `sa` and `sb`.
double covariance_of_spreads(std::vector<double> const& sa, std::vector<double> const& sb, std::vector<double> const& correlation) {
    double out = dot(sa, sb);
    if (correlation.empty()) return out;
    for (std::size_t j = 0; j + 1 < sa.size(); ++j) out += correlation[j] * (sa[j] * sb[j + 1] + sa[j + 1] * sb[j]);
    return out;
}

// Spread of every point for one kind of error of x: var y_i = direct^2 var x_i + 2 direct e_i cov(x_i, p) + e_i e_i' cov(p, p').
std::vector<double> sigma_of_points(CurveErrors const& errors, std::vector<double> const& sigma) {
    std::size_t const n = errors.direct.size();
    std::vector<double> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = std::pow(errors.direct[i] * sigma[i], 2);
    std::vector<std::vector<double>> known;
    for (auto const& [effect, response] : errors.shared) {
        auto const& spread = known.emplace_back(spreads(sigma, response));
        for (std::size_t i = 0; i < n; ++i) {
            double with_x = spread[i];
            if (!errors.correlation.empty()) {
                if (i > 0) with_x += errors.correlation[i - 1] * spread[i - 1];
                if (i + 1 < n) with_x += errors.correlation[i] * spread[i + 1];
            }
            out[i] += 2 * errors.direct[i] * effect[i] * with_x * sigma[i];
        }
        for (std::size_t other = 0; other < known.size(); ++other) {
            double const pairs = other + 1 < known.size() ? 2 : 1;
            double const both = pairs * covariance_of_spreads(spread, known[other], errors.correlation);
            auto const& of_other = errors.shared[other].effect;
            for (std::size_t i = 0; i < n; ++i) out[i] += effect[i] * of_other[i] * both;
        }
    }
    for (double& variance : out) variance = variance > 0 ? std::sqrt(variance) : variance <= 0 ? 0 : variance;
    return out;
}

} // namespace

std::vector<double> sensitivity(CurveErrors const& errors, std::vector<double> const& a) {
    assert(a.size() == errors.direct.size());
    std::vector<double> b(a.size());
    for (std::size_t j = 0; j < a.size(); ++j) b[j] = a[j] * errors.direct[j];
    for (auto const& parameter : errors.shared) {
        double const effect = dot(a, parameter.effect);
        for (std::size_t j = 0; j < a.size(); ++j) b[j] += effect * parameter.response[j];
    }
    return b;
}

Spread spread_of(CurveErrors const& errors, std::vector<double> const& b) {
    auto const deviation = [&](std::vector<double> const& sigma) {
        if (errors.correlation.empty()) {
            double const variance = (view(b) * view(sigma)).square().sum();
            if (!std::isnan(variance)) return std::sqrt(variance);
        }
        return std::sqrt(variance_of_sum(spreads(sigma, b), errors.correlation));
    };
    return {deviation(errors.sigma), errors.background_sigma.empty() ? 0 : deviation(errors.background_sigma)};
}

double covariance(CurveErrors const& errors, std::vector<double> const& a, std::vector<double> const& b) {
    return covariance_of_spreads(spreads(errors.sigma, a), spreads(errors.sigma, b), errors.correlation);
}

std::vector<Spread> spread_of_points(CurveErrors const& errors) {
    std::vector<Spread> out(errors.direct.size());
    auto const all = sigma_of_points(errors, errors.sigma);
    auto const background =
        errors.background_sigma.empty() ? std::vector<double>(out.size(), 0.0) : sigma_of_points(errors, errors.background_sigma);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = {all[i], background[i]};
    return out;
}

Estimate estimate(double value, CurveErrors const& errors, std::vector<double> b) {
    auto const spread = spread_of(errors, b);
    return {value, spread.sigma, spread.background_sigma, std::move(b)};
}

CurveErrors pattern_errors(std::vector<double> const& sigma, std::vector<double> const& background_sigma,
                           std::vector<double> const& correlation, std::vector<std::size_t> const& chosen) {
    CurveErrors out;
    out.bin = chosen;
    out.direct.assign(chosen.size(), 1.0);
    for (std::size_t const b : chosen) {
        out.sigma.push_back(sigma.empty() ? std::nan("") : sigma[b]);
        if (!background_sigma.empty()) out.background_sigma.push_back(background_sigma[b]);
    }
    out.correlation = correlation_of_chosen(correlation, chosen);
    return out;
}

CurveErrors pattern_errors(Pattern1D const& pattern) {
    std::vector<std::size_t> all(pattern.q_invA.size());
    std::iota(all.begin(), all.end(), 0u);
    return pattern_errors(pattern.sigma, pattern.background_sigma, pattern.correlation, all);
}

} // namespace sqd
