#include "pipeline/reduce/whitened.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace sqd {

namespace {

double dot(std::vector<double> const& a, std::vector<double> const& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void take_out(std::vector<double> const& unit, std::vector<double>& y) {
    double const along = dot(unit, y);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] -= along * unit[i];
}

} // namespace

std::optional<Whitening> Whitening::of(BandedCovariance const& covariance) {
    Whitening out;
    double below = 0;
    for (std::size_t i = 0; i < covariance.variance.size(); ++i) {
        double const pivot = covariance.variance[i] - below * below;
        if (!(pivot > 0)) return std::nullopt;
        out.diagonal_.push_back(std::sqrt(pivot));
        below = i < covariance.next.size() ? covariance.next[i] / out.diagonal_.back() : 0;
        out.below_.push_back(below);
    }
    return out;
}

std::vector<double> Whitening::operator()(std::vector<double> const& y) const {
    std::vector<double> out(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) out[i] = (y[i] - (i > 0 ? below_[i - 1] * out[i - 1] : 0)) / diagonal_[i];
    return out;
}

std::size_t project_out(std::vector<std::vector<double>> modes, std::vector<double>& y) {
    constexpr double independent = 1e-6; // of a mode's length, what the ones before leave of it
    std::vector<std::vector<double>> units;
    for (auto& mode : modes) {
        double const whole = std::sqrt(dot(mode, mode));
        for (auto const& unit : units) take_out(unit, mode);
        double const rest = std::sqrt(dot(mode, mode));
        if (!(rest > independent * whole)) continue;
        for (double& x : mode) x /= rest;
        take_out(mode, y);
        units.push_back(std::move(mode));
    }
    return units.size();
}

double chi2_with_mode(std::vector<double> const& y, std::vector<double> const& u) {
    double const along = dot(y, u);
    return dot(y, y) - along * along / (1 + dot(u, u));
}

} // namespace sqd
