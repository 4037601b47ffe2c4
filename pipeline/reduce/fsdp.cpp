// The first sharp diffraction peak.
#include "pipeline/reduce/fsdp.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/correlation.hpp"
#include "pipeline/reduce/peak_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sqd {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t fewest_points = 12; ///< eight parameters need some more points than that

// The points of the window; q counts from its middle, so that line and peak do not correlate more than they must.
struct WindowData {
    double low = 0, high = 0, middle = 0;
    std::vector<double> q, y, sigma, correlation; ///< sigma empty = not known
    PeakData data() const { return {q, y, sigma, correlation}; }
};

WindowData cut(PeakCurve const& curve, ReductionConfig const& config) {
    double const low = config.fsdp->window_low_invA, high = config.fsdp->window_high_invA;
    WindowData w{low, high, (low + high) / 2, {}, {}, {}, {}};
    std::vector<std::size_t> chosen;
    auto const left_out = [&config](double q) {
        return std::any_of(config.left_out_invA.begin(), config.left_out_invA.end(),
                           [q](auto const& range) { return q >= range.first && q <= range.second; });
    };
    bool known = curve.sigma.size() == curve.q_invA.size();
    for (std::size_t i = 0; i < curve.q_invA.size(); ++i) {
        if (curve.q_invA[i] < w.low || curve.q_invA[i] > w.high || !std::isfinite(curve.y[i])) continue;
        if (left_out(curve.q_invA[i])) continue;
        chosen.push_back(i);
        w.q.push_back(curve.q_invA[i] - w.middle);
        w.y.push_back(curve.y[i]);
        known = known && curve.sigma[i] > 0;
        if (known) w.sigma.push_back(curve.sigma[i]);
    }
    if (!known) w.sigma.clear();
    w.correlation = correlation_of_chosen(curve.correlation, chosen);
    return w;
}

// Highest point of the mean over five neighbours.
std::size_t top_of(std::vector<double> const& y) {
    std::size_t best = 2;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 2; i + 2 < y.size(); ++i) {
        double const mean = y[i - 2] + y[i - 1] + y[i] + y[i + 1] + y[i + 2];
        if (mean > highest) {
            highest = mean;
            best = i;
        }
    }
    return best;
}

double mean_of(std::vector<double> const& y, std::size_t first, std::size_t count) {
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i) sum += y[i];
    return sum / static_cast<double>(count);
}

// Points about `top` whose neighbours' mean stays above `level`: [first, last].
std::pair<std::size_t, std::size_t> above(std::vector<double> const& y, std::size_t top, double level) {
    std::size_t first = top, last = top;
    while (first > 1 && y[first - 1] + y[first] + y[first - 2] > 3 * level) --first;
    while (last + 2 < y.size() && y[last + 1] + y[last] + y[last + 2] > 3 * level) ++last;
    return {first, last};
}

double edge_level(WindowData const& w) {
    return std::max(mean_of(w.y, 0, 3), mean_of(w.y, w.y.size() - 3, 3));
}

PeakParameters starting_point(WindowData const& w, std::size_t top) {
    double const left = mean_of(w.y, 0, 3), right = mean_of(w.y, w.y.size() - 3, 3), peak = mean_of(w.y, top - 2, 5);
    double const tilt = (right - left) / (w.q.back() - w.q.front());
    double const line = left + tilt * (w.q[top] - w.q.front());
    auto const [first, last] = above(w.y, top, (peak + line) / 2);
    double const least = 2 * (w.q.back() - w.q.front()) / static_cast<double>(w.q.size());
    return {peak - line,
            w.q[top],
            std::max(w.q[top] - w.q[first], least),
            std::max(w.q[last] - w.q[top], least),
            0.5,
            0.5,
            left - tilt * w.q.front(),
            tilt};
}

PeakBounds bounds_of(WindowData const& w) {
    constexpr double any = std::numeric_limits<double>::max();
    double const width = w.high - w.low, step = width / static_cast<double>(w.q.size());
    return {{0, w.low - w.middle, step, step, 0, 0, -any, -any}, {any, w.high - w.middle, width, width, 1, 1, any, any}};
}

// Straight least squares of a parabola; its top, or NaN when it opens upwards.
double parabola_top(std::vector<double> const& q, std::vector<double> const& y, std::size_t first, std::size_t last) {
    double const origin = (q[first] + q[last]) / 2, scale = std::max((q[last] - q[first]) / 2, 1e-300);
    std::array<double, 5> s{};
    std::array<double, 3> t{};
    for (std::size_t i = first; i <= last; ++i) {
        double const x = (q[i] - origin) / scale;
        double power = 1;
        for (std::size_t k = 0; k < s.size(); ++k, power *= x) {
            s[k] += power;
            if (k < t.size()) t[k] += power * y[i];
        }
    }
    auto const det = [](double a, double b, double c, double d, double e, double f, double g, double h, double i) {
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    };
    double const all = det(s[0], s[1], s[2], s[1], s[2], s[3], s[2], s[3], s[4]);
    double const linear = det(s[0], t[0], s[2], s[1], t[1], s[3], s[2], t[2], s[4]) / all;
    double const square = det(s[0], s[1], t[0], s[1], s[2], t[1], s[2], s[3], t[2]) / all;
    if (!(square < 0)) return not_known;
    return origin - scale * linear / (2 * square);
}

double parabola_estimate(WindowData const& w, std::size_t top) {
    auto const [first, last] = above(w.y, top, 0.85 * mean_of(w.y, top - 2, 5));
    double const at = parabola_top(w.q, w.y, first, last);
    return last - first >= 4 && at > w.q[first] && at < w.q[last] ? w.middle + at : not_known;
}

// Centroid of the area between the curve, joined by straight pieces, and the level.
double centroid_estimate(WindowData const& w, std::size_t top) {
    double const level = std::max(mean_of(w.y, top - 2, 5) / 2, edge_level(w));
    auto const [first, last] = above(w.y, top, level);
    double area = 0, moment = 0;
    for (std::size_t i = first > 0 ? first - 1 : 0; i < std::min(last + 1, w.q.size() - 1); ++i) {
        double a = w.y[i] - level, b = w.y[i + 1] - level, from = w.q[i], to = w.q[i + 1];
        if (a <= 0 && b <= 0) continue;
        double const crossing = from + (to - from) * a / (a - b);
        if (a < 0) {
            from = crossing;
            a = 0;
        }
        if (b < 0) {
            to = crossing;
            b = 0;
        }
        area += (to - from) * (a + b) / 2;
        moment += (to - from) * (a * (2 * from + to) + b * (from + 2 * to)) / 6;
    }
    return area > 0 ? w.middle + moment / area : not_known;
}

// Maximum of peak plus line: golden section about the centre, where the sum has one maximum.
double maximum_of(PeakParameters const& p) {
    constexpr double golden = 0.6180339887498949;
    double low = p[peak::centre] - p[peak::width_left], high = p[peak::centre] + p[peak::width_right];
    while (high - low > 1e-9 * (p[peak::width_left] + p[peak::width_right])) {
        double const step = golden * (high - low);
        if (peak_value(p, high - step) > peak_value(p, low + step))
            high = low + step;
        else
            low = high - step;
    }
    return (low + high) / 2;
}

double half_spread(std::array<double, 4> const& estimates) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (double const q : estimates) {
        if (!std::isfinite(q)) continue;
        low = std::min(low, q);
        high = std::max(high, q);
    }
    return (high - low) / 2;
}

double distance_sigma(double q1, ReductionConfig const& config) {
    if (!(config.distance_m > 0) || !(config.energy_keV > 0)) return 0;
    constexpr double um_to_m = 1e-6;
    double const two_theta = two_theta_of_q_rad(q1, wavelength_A(config.energy_keV));
    double const lever = std::pow(std::cos(two_theta / 2), 2) * std::cos(two_theta);
    return q1 * lever * config.sample.thickness_um * um_to_m / config.distance_m;
}

void add_flags(Fsdp& fsdp, PeakFit const& fit) {
    constexpr std::array<char const*, peak_parameters> names{"height",   "centre",    "width_left", "width_right",
                                                             "eta_left", "eta_right", "base",       "slope"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (fit.at_bound[i]) fsdp.flags.push_back(std::string(names[i]) + "_at_bound");
    }
    if (!fit.covariance_known) fsdp.flags.emplace_back("sigma_unknown");
}

void add_curves(Fsdp& fsdp, WindowData const& w, PeakParameters const& p) {
    for (std::size_t i = 0; i < w.q.size(); ++i) {
        double const fit = peak_value(p, w.q[i]), sigma = w.sigma.empty() ? not_known : w.sigma[i];
        fsdp.q_invA.push_back(w.q[i] + w.middle);
        fsdp.data.push_back(w.y[i]);
        fsdp.data_sigma.push_back(sigma);
        fsdp.fit.push_back(fit);
        fsdp.residual.push_back((w.y[i] - fit) / sigma);
    }
}

Fsdp describe(PeakFit const& fit, WindowData const& w) {
    auto const& p = fit.parameters;
    auto const& v = fit.covariance;
    bool const known = fit.covariance_known;
    Fsdp fsdp;
    fsdp.q1 = w.middle + p[peak::centre];
    fsdp.q1_sigma = known ? std::sqrt(v[peak::centre][peak::centre]) : not_known;
    fsdp.q1_max = w.middle + maximum_of(p);
    fsdp.fwhm = p[peak::width_left] + p[peak::width_right];
    fsdp.fwhm_sigma = known ? std::sqrt(v[peak::width_left][peak::width_left] + v[peak::width_right][peak::width_right] +
                                        2 * v[peak::width_left][peak::width_right])
                            : not_known;
    fsdp.height = p[peak::height];
    fsdp.height_sigma = known ? std::sqrt(v[peak::height][peak::height]) : not_known;
    fsdp.chi2_reduced = w.sigma.empty() ? not_known : fit.chi2 / static_cast<double>(w.q.size() - fit.free_parameters);
    fsdp.window_low = w.low;
    fsdp.window_high = w.high;
    add_flags(fsdp, fit);
    add_curves(fsdp, w, p);
    return fsdp;
}

char const* failure_of(PeakFit const& fit) {
    if (!fit.converged) return "no_convergence";
    if (fit.at_bound[peak::centre] || fit.at_bound[peak::height] || !(fit.parameters[peak::height] > 0)) return "no_peak_in_window";
    if (fit.covariance_known && fit.parameters[peak::height] < 3 * std::sqrt(fit.covariance[peak::height][peak::height]))
        return "not_significant";
    return nullptr;
}

} // namespace

FsdpOutcome fit_fsdp(PeakCurve const& curve, ReductionConfig const& config) {
    WindowData const w = cut(curve, config);
    if (w.q.size() < fewest_points) return {std::nullopt, "too_few_points"};
    std::size_t const top = top_of(w.y);
    PeakParameters const start = starting_point(w, top);
    if (!(start[peak::height] > 0)) return {std::nullopt, "no_peak_in_window"};

    PeakFit const split = fit_peak(w.data(), start, bounds_of(w), PeakModel::split_pseudo_voigt);
    PeakFit const symmetric = fit_peak(w.data(), start, bounds_of(w), PeakModel::pseudo_voigt);
    bool const is_split = config.fsdp->model == PeakModel::split_pseudo_voigt;
    PeakFit const& chosen = is_split ? split : symmetric;
    if (char const* failure = failure_of(chosen)) return {std::nullopt, failure};

    Fsdp fsdp = describe(chosen, w);
    fsdp.model = is_split ? "split_pseudo_voigt" : "pseudo_voigt";
    fsdp.on = curve.on;
    fsdp.q1_parabola = parabola_estimate(w, top);
    fsdp.q1_centroid = centroid_estimate(w, top);
    auto const centre_of = [&w](PeakFit const& fit) { return fit.converged ? w.middle + fit.parameters[peak::centre] : not_known; };
    fsdp.q1_sigma_model = half_spread({centre_of(split), centre_of(symmetric), fsdp.q1_parabola, fsdp.q1_centroid});
    fsdp.q1_sigma_geometry = distance_sigma(fsdp.q1, config);
    return {std::move(fsdp), ""};
}

} // namespace sqd
