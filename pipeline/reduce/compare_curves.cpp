#include "pipeline/reduce/compare_curves.hpp"

#include "pipeline/reduce/common_error.hpp"
#include "pipeline/reduce/spectrum.hpp"
#include "pipeline/reduce/tail_probability.hpp"
#include "pipeline/reduce/whitened.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace sqd {

namespace {

using Values = std::vector<double>;

double at_or_zero(Values const& values, std::size_t i) {
    return values.empty() ? 0 : values[i];
}

Values picked(Values const& values, std::vector<std::size_t> const& chosen) {
    Values out;
    for (std::size_t const i : chosen) out.push_back(values[i]);
    return out;
}

Values less(Values const& b, Values const& a) {
    Values out(b.size());
    for (std::size_t i = 0; i < b.size(); ++i) out[i] = b[i] - a[i];
    return out;
}

/// P(X >= chi2); a chi2 is a type III variable of skewness sqrt(8 / degrees).
double chi2_tail(double chi2, double degrees) {
    if (!(std::isfinite(chi2) && degrees > 0)) return std::nan("");
    return pearson3_tail((chi2 - degrees) / std::sqrt(2 * degrees), std::sqrt(8 / degrees));
}

void set_chi2(CurveDifference& out, double chi2, double with_geometry) {
    out.chi2 = chi2;
    out.p_value = chi2_tail(chi2, out.degrees);
    out.chi2_with_geometry = with_geometry;
    out.p_value_with_geometry = chi2_tail(with_geometry, out.degrees);
}

/// dy/dx by the straight line through all points within `reach`: noise of the curves would be most of a difference quotient.
Values slope_of(Values const& x, Values const& y, double reach) {
    Values out(x.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::size_t first = i, last = i;
        while (first > 0 && (x[i] - x[first - 1] <= reach || first == i)) --first;
        while (last + 1 < x.size() && (x[last + 1] - x[i] <= reach || last == i)) ++last;
        double const count = static_cast<double>(last - first + 1);
        double mean_x = 0, mean_y = 0, square = 0, product = 0;
        for (std::size_t j = first; j <= last; ++j) mean_x += x[j] / count, mean_y += y[j] / count;
        for (std::size_t j = first; j <= last; ++j) square += std::pow(x[j] - mean_x, 2), product += (x[j] - mean_x) * (y[j] - mean_y);
        if (square > 0) out[i] = product / square;
    }
    return out;
}

/// How dq/q by the distance falls with q.
double weight_of_distance(double q_invA, double wavelength_A) {
    double const sine = q_invA * wavelength_A / (4 * std::numbers::pi);
    double const square = sine * sine; // cos^2(theta) cos(2 theta)
    return (1 - square) * (1 - 2 * square);
}

/// What the points of one result err by on their own, and its background's part of that.
struct OwnErrors {
    Values sigma, background;
};

OwnErrors own_errors(StructureFactor const& sq) {
    CurveErrors const& e = sq.errors;
    if (e.direct.empty()) return {sq.s_sigma, sq.s_background_sigma};
    OwnErrors out{e.sigma, e.background_sigma};
    for (std::size_t i = 0; i < e.direct.size(); ++i) {
        out.sigma[i] *= e.direct[i];
        if (!out.background.empty()) out.background[i] *= e.direct[i];
    }
    return out;
}

BandedCovariance covariance_of(StructureFactor const& a, StructureFactor const& b, bool one_background) {
    auto const own_a = own_errors(a), own_b = own_errors(b);
    BandedCovariance out;
    std::size_t const n = own_a.sigma.size();
    for (std::size_t i = 0; i < n; ++i) {
        double const g_a = at_or_zero(own_a.background, i), g_b = at_or_zero(own_b.background, i);
        out.variance.push_back(variance_of_difference({own_a.sigma[i], g_a}, {own_b.sigma[i], g_b}, one_background));
        double next = 0;
        if (i + 1 < n) {
            double const r_a = at_or_zero(a.errors.correlation, i), r_b = at_or_zero(b.errors.correlation, i);
            next = r_a * own_a.sigma[i] * own_a.sigma[i + 1] + r_b * own_b.sigma[i] * own_b.sigma[i + 1];
            if (one_background)
                next -= (r_a + r_b) / 2 * (g_a * at_or_zero(own_b.background, i + 1) + g_b * at_or_zero(own_a.background, i + 1));
        }
        out.next.push_back(next);
    }
    return out;
}

/// What all points share through one parameter each, of both results at once: their scales are S_b - S_a itself apart, so that taking
/// out each alone would leave nothing.
std::vector<Values> common_modes(StructureFactor const& a, StructureFactor const& b) {
    std::vector<Values> out;
    auto const &in_a = a.errors.shared, &in_b = b.errors.shared;
    for (std::size_t p = 0; p < std::min(in_a.size(), in_b.size()); ++p) {
        Values mode = in_a[p].effect;
        double const size_a = std::inner_product(mode.begin(), mode.end(), mode.begin(), 0.0);
        double const both = std::inner_product(mode.begin(), mode.end(), in_b[p].effect.begin(), 0.0);
        double const ratio = both != 0 ? size_a / both : 0; // parameters have the scale of their own data
        for (std::size_t i = 0; i < mode.size(); ++i) mode[i] += ratio * in_b[p].effect[i];
        out.push_back(std::move(mode));
    }
    return out;
}

std::vector<std::size_t> known_points(Values const& difference, BandedCovariance const& covariance) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < difference.size(); ++i)
        if (std::isfinite(difference[i]) && covariance.variance[i] > 0) out.push_back(i);
    return out;
}

BandedCovariance picked(BandedCovariance const& all, std::vector<std::size_t> const& chosen) {
    BandedCovariance out{picked(all.variance, chosen), picked(all.next, chosen)};
    for (std::size_t k = 0; k + 1 < chosen.size(); ++k)
        if (chosen[k + 1] != chosen[k] + 1) out.next[k] = 0;
    return out;
}

Values mean_of(Values const& a, Values const& b) {
    Values out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) out[i] = (a[i] + b[i]) / 2;
    return out;
}

/// What the places of the mounts do to S.
Values geometry_mode_of_s(Values const& q, Values const& s, Circumstances const& how) {
    constexpr double reach_invA = 0.05; // much less than the width of a peak of a glass
    Values mode = slope_of(q, s, reach_invA);
    double const at_peak = weight_of_distance(how.q1_invA, how.wavelength_A);
    for (std::size_t i = 0; i < q.size(); ++i)
        mode[i] *= q[i] * how.geometry_relative * weight_of_distance(q[i], how.wavelength_A) / at_peak;
    return mode;
}

Values sigma_of(Values const& a, Values const& g_a, Values const& b, Values const& g_b, bool one_background) {
    Values out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        out[i] = std::sqrt(variance_of_difference({a[i], at_or_zero(g_a, i)}, {b[i], at_or_zero(g_b, i)}, one_background));
    return out;
}

/// Noise of S as G has it: its power over q.
struct NoisePower {
    Values q, power;

    /// sum power cos(qr) at r = 0, step, 2 step, ...
    Values cosines(double step_A, std::size_t count) const {
        Values out(count);
        for (std::size_t k = 0; k < count; ++k)
            for (std::size_t i = 0; i < q.size(); ++i) out[k] += power[i] * std::cos(q[i] * step_A * static_cast<double>(k));
        return out;
    }
};

NoisePower noise_power(Values const& q, Values const& sigma, PairDistribution const& gr) {
    NoisePower out;
    Window const window = window_named(gr.window).value_or(Window::none);
    for (std::size_t i = 0; i < q.size() && q[i] <= gr.q_max_invA * (1 + 1e-9); ++i) {
        if (!std::isfinite(sigma[i])) continue;
        out.q.push_back(q[i]);
        out.power.push_back(std::pow(q[i] * window_factor(window, q[i], gr.q_max_invA) * sigma[i], 2));
    }
    return out;
}

/// sum rho^2 over all pairs of points at r = first step, (first + 1) step, ... (first + count - 1) step.
double sum_of_squared_correlations(NoisePower const& noise, double step_A, std::size_t first, std::size_t count) {
    Values const k = noise.cosines(step_A, 2 * (first + count));
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i) {
        for (std::size_t j = first; j < first + count; ++j) {
            double const covariance = k[i > j ? i - j : j - i] - k[i + j];
            sum += covariance * covariance / ((k[0] - k[2 * i]) * (k[0] - k[2 * j]));
        }
    }
    return sum;
}

/// G of S(q / (1 + e)) is (1 + e)^2 G(r (1 + e)), and its slope at low r (1 + e)^3 times that of the density: a scale that is found by the
/// density takes this out again.
Values geometry_mode_of_g(PairDistribution const& like, Values const& g, bool by_density, double relative) {
    Values mode = slope_of(like.r_A, g, 0.25 * std::numbers::pi / like.q_max_invA);
    double const amplitude = by_density ? -1 : 2;
    for (std::size_t i = 0; i < g.size(); ++i) mode[i] = (amplitude * g[i] + like.r_A[i] * mode[i]) * relative;
    return mode;
}

} // namespace

CurveDifference compare_s(StructureFactor const& a, StructureFactor const& b, Circumstances const& how) {
    CurveDifference out;
    out.x = a.q_invA;
    out.difference = less(b.s, a.s);
    out.sigma = sigma_of(a.s_sigma, a.s_background_sigma, b.s_sigma, b.s_background_sigma, how.one_background);

    auto const covariance = covariance_of(a, b, how.one_background);
    auto const chosen = known_points(out.difference, covariance);
    auto const whiten = Whitening::of(picked(covariance, chosen));
    if (!whiten || chosen.empty()) {
        set_chi2(out, std::nan(""), std::nan(""));
        return out;
    }
    Values difference = (*whiten)(picked(out.difference, chosen));
    Values geometry = (*whiten)(picked(geometry_mode_of_s(out.x, mean_of(a.s, b.s), how), chosen));
    std::vector<Values> modes;
    for (auto const& mode : common_modes(a, b)) modes.push_back((*whiten)(picked(mode, chosen)));
    out.degrees = static_cast<double>(chosen.size() - project_out(modes, difference));
    project_out(std::move(modes), geometry);
    set_chi2(out, chi2_with_mode(difference, Values(difference.size(), 0.0)), chi2_with_mode(difference, geometry));
    return out;
}

CurveDifference compare_g(PairDistribution const& a, PairDistribution const& b, StructureFactor const& s_a, StructureFactor const& s_b,
                          Circumstances const& how) {
    CurveDifference out;
    out.x = a.r_A;
    out.difference = less(b.g, a.g);
    out.sigma = sigma_of(a.g_sigma, a.g_background_sigma, b.g_sigma, b.g_background_sigma, how.one_background);
    auto const s_sigma = sigma_of(s_a.s_sigma, s_a.s_background_sigma, s_b.s_sigma, s_b.s_background_sigma, how.one_background);
    NoisePower const noise = noise_power(s_a.q_invA, s_sigma, a);

    double const step = a.r_A.size() > 1 ? a.r_A[1] - a.r_A[0] : 1;
    auto const stride = static_cast<std::size_t>(std::max(1.0, std::round(std::numbers::pi / (a.q_max_invA * step))));
    double const from = a.low_r_cut_A > 0 ? a.low_r_cut_A : 1.0;
    auto const first = static_cast<std::size_t>(std::ceil(from / (step * static_cast<double>(stride))));
    std::vector<std::size_t> chosen; // r_A[i] = (i + 1) step
    for (std::size_t k = first; k * stride <= a.r_A.size(); ++k) chosen.push_back(k * stride - 1);
    Values const sigma = picked(out.sigma, chosen);
    bool const known = std::all_of(sigma.begin(), sigma.end(), [](double s) { return s > 0; });
    if (chosen.empty() || !known) {
        set_chi2(out, std::nan(""), std::nan(""));
        return out;
    }
    auto const n = static_cast<double>(chosen.size());
    out.degrees = n * n / sum_of_squared_correlations(noise, step * static_cast<double>(stride), first, chosen.size());
    double const scale = std::sqrt(out.degrees / n);
    Values difference = picked(out.difference, chosen);
    bool const by_density = s_a.normalization.method != "high_q";
    Values geometry = picked(geometry_mode_of_g(a, mean_of(a.g, b.g), by_density, how.geometry_relative), chosen);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        difference[i] *= scale / sigma[i];
        geometry[i] *= scale / sigma[i];
    }
    set_chi2(out, chi2_with_mode(difference, Values(difference.size(), 0.0)), chi2_with_mode(difference, geometry));
    return out;
}

} // namespace sqd
