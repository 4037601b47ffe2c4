// The first sharp diffraction peak.
#include "pipeline/reduce/fsdp.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/peak_estimates.hpp"
#include "pipeline/reduce/peak_fit.hpp"
#include "pipeline/reduce/peak_window.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace sqd {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t fewest_points = 12; ///< eight parameters need some more points than that

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

// Along the path R to its ring a sample that moves by dz changes the angle by dz sin(2 theta) / R, so dq/q = cos^2(theta) dz / R. On a
// detector square to the beam R = L / cos(2 theta); on one that is tilted towards the peak's ring R is taken in the plane of the tilt.
double distance_sigma(double q1, ReductionConfig const& config) {
    if (!(config.distance_m > 0) || !(config.energy_keV > 0)) return 0;
    constexpr double um_to_m = 1e-6;
    double const two_theta = two_theta_of_q_rad(q1, wavelength_A(config.energy_keV));
    double const path = config.distance_m / std::cos(two_theta - config.tilt_rad);
    return q1 * std::pow(std::cos(two_theta / 2), 2) * config.sample.thickness_um * um_to_m / path;
}

double geometry_sigma(double q1, ReductionConfig const& config) {
    double const wavelength = config.energy_keV > 0 ? q1 * config.energy_sigma_keV / config.energy_keV : 0;
    return std::hypot(distance_sigma(q1, config), wavelength);
}

void add_flags(Fsdp& fsdp, PeakFit const& fit, bool known) {
    constexpr std::array<char const*, peak_parameters> names{"height",   "centre",    "width_left", "width_right",
                                                             "eta_left", "eta_right", "base",       "slope"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (fit.at_bound[i]) fsdp.flags.push_back(std::string(names[i]) + "_at_bound");
    }
    if (!known) fsdp.flags.emplace_back("sigma_unknown");
}

void add_curves(Fsdp& fsdp, PeakWindow const& w, PeakParameters const& p) {
    double chi2 = 0;
    for (std::size_t i = 0; i < w.q.size(); ++i) {
        double const fit = peak_value(p, w.q[i]), sigma = w.sigma.empty() ? not_known : w.sigma[i];
        fsdp.q_invA.push_back(w.q[i] + w.middle);
        fsdp.data.push_back(w.y[i]);
        fsdp.data_sigma.push_back(sigma);
        fsdp.fit.push_back(fit);
        fsdp.residual.push_back((w.y[i] - fit) / sigma);
        chi2 += fsdp.residual.back() * fsdp.residual.back();
    }
    fsdp.chi2_reduced = chi2;
}

// From what hangs on the points of the window to what hangs on the pattern.
class WindowErrors {
public:
    WindowErrors(PeakCurve const& curve, PeakWindow const& window) : errors_(curve.errors), window_(window) {}

    Estimate of(double value, std::vector<double> const& response) const {
        std::vector<double> whole(errors_.direct.size(), 0.0);
        for (std::size_t i = 0; i < response.size(); ++i) whole[window_.point[i]] = response[i];
        return estimate(value, errors_, sensitivity(errors_, whole));
    }

private:
    CurveErrors const& errors_;
    PeakWindow const& window_;
};

std::vector<double> sum(std::vector<double> a, std::vector<double> const& b) {
    std::transform(a.begin(), a.end(), b.begin(), a.begin(), std::plus<>());
    return a;
}

Fsdp describe(PeakFit const& fit, PeakWindow const& w) {
    auto const& p = fit.parameters;
    Fsdp fsdp;
    fsdp.q1 = w.middle + p[peak::centre];
    fsdp.q1_max = w.middle + maximum_of(p);
    fsdp.fwhm = p[peak::width_left] + p[peak::width_right];
    fsdp.height = p[peak::height];
    fsdp.q1_sigma = fsdp.fwhm_sigma = fsdp.height_sigma = not_known;
    fsdp.q1_background_sigma = fsdp.fwhm_background_sigma = fsdp.height_background_sigma = not_known;
    fsdp.window_low = w.low;
    fsdp.window_high = w.high;
    add_curves(fsdp, w, p);
    fsdp.chi2_reduced /= static_cast<double>(w.q.size() - fit.free_parameters);
    return fsdp;
}

void put(Estimate const& estimate, double& sigma, double& background_sigma) {
    sigma = estimate.sigma;
    background_sigma = estimate.background_sigma;
}

void add_errors(Fsdp& fsdp, PeakFit const& fit, std::vector<double> const& position_response, PeakCurve const& curve,
                PeakWindow const& window) {
    WindowErrors const errors(curve, window);
    auto const q1 = errors.of(fsdp.q1, position_response);
    auto const fwhm = errors.of(fsdp.fwhm, sum(fit.response[peak::width_left], fit.response[peak::width_right]));
    put(q1, fsdp.q1_sigma, fsdp.q1_background_sigma);
    put(fwhm, fsdp.fwhm_sigma, fsdp.fwhm_background_sigma);
    put(errors.of(fsdp.height, fit.response[peak::height]), fsdp.height_sigma, fsdp.height_background_sigma);
    fsdp.bin = curve.errors.bin;
    fsdp.q1_sensitivity = q1.sensitivity;
    fsdp.fwhm_sensitivity = fwhm.sensitivity;
}

char const* failure_of(PeakFit const& fit, Fsdp const& fsdp) {
    if (!fit.converged) return "no_convergence";
    if (fit.at_bound[peak::centre] || fit.at_bound[peak::height] || !(fit.parameters[peak::height] > 0)) return "no_peak_in_window";
    if (fsdp.height < 3 * fsdp.height_sigma) return "not_significant";
    return nullptr;
}

// The position of the configured estimator in place of the centre of the peak, and what it hangs on.
std::vector<double> choose_position(Fsdp& fsdp, PeakEstimator estimator, PeakFit const& fit, PeakWindow const& window, std::size_t top) {
    if (estimator == PeakEstimator::parabola) {
        fsdp.q1 = fsdp.q1_parabola;
        return parabola_response(window, fit);
    }
    if (estimator == PeakEstimator::centroid) {
        fsdp.q1 = fsdp.q1_centroid;
        return centroid_response(window, top);
    }
    return fit.response[peak::centre];
}

} // namespace

FsdpOutcome fit_fsdp(PeakCurve const& curve, ReductionConfig const& config) {
    auto const w = peak_window(curve, config.fsdp->window_low_invA, config.fsdp->window_high_invA, config.left_out_invA);
    if (w.q.size() < fewest_points) return {std::nullopt, "too_few_points"};
    std::size_t const top = top_of(w.y);
    PeakParameters const start = starting_peak(w);
    if (!(start[peak::height] > 0)) return {std::nullopt, "no_peak_in_window"};

    PeakEstimator const estimator = config.fsdp->model;
    PeakFit const split = fit_peak(w.data(), start, peak_bounds(w), PeakModel::split_pseudo_voigt);
    PeakFit const symmetric = fit_peak(w.data(), start, peak_bounds(w), PeakModel::pseudo_voigt);
    PeakFit const& chosen = estimator == PeakEstimator::pseudo_voigt ? symmetric : split;
    if (!chosen.converged) return {std::nullopt, "no_convergence"};

    constexpr std::array names{"split_pseudo_voigt", "pseudo_voigt", "parabola", "centroid"};
    Fsdp fsdp = describe(chosen, w);
    fsdp.model = names[static_cast<std::size_t>(estimator)];
    fsdp.on = curve.on;
    fsdp.q1_parabola = parabola_position(w, chosen.parameters);
    fsdp.q1_centroid = centroid_position(w, top);
    auto const centre_of = [&w](PeakFit const& fit) { return fit.converged ? w.middle + fit.parameters[peak::centre] : not_known; };
    fsdp.q1_sigma_model = half_spread({centre_of(split), centre_of(symmetric), fsdp.q1_parabola, fsdp.q1_centroid});
    bool const known = !w.sigma.empty() && chosen.proper_minimum();
    auto const position_response = choose_position(fsdp, estimator, chosen, w, top);
    if (known) add_errors(fsdp, chosen, position_response, curve, w);
    add_flags(fsdp, chosen, known);
    if (char const* failure = failure_of(chosen, fsdp)) return {std::nullopt, failure};
    if (!std::isfinite(fsdp.q1)) return {std::nullopt, "no_position"};
    fsdp.q1_sigma_geometry = geometry_sigma(fsdp.q1, config);
    return {std::move(fsdp), ""};
}

} // namespace sqd
