// From the net pattern to S(q).
#include "pipeline/reduce/structure_factor.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/fluorescence_fit.hpp"
#include "pipeline/reduce/multiple_scattering.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iomanip>
#include <numbers>
#include <sstream>
#include <utility>

namespace sqd {

namespace {

std::string percent_text(double fraction) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << 100 * fraction;
    return text.str();
}

// The bins of the range that have a value and look forward.
struct UsableBins {
    std::vector<double> q_invA, intensity, polarization;
    CurveErrors errors; ///< of the intensity
};

UsableBins usable_bins(Pattern1D const& net, ReductionConfig const& config) {
    double const low = config.structure_factor->q_min_invA;
    double const sideways = q_invA(std::numbers::pi / 2, wavelength_A(config.energy_keV)); // a plate across the beam ends there
    double const high = std::min(config.structure_factor->q_max_invA, std::nexttoward(sideways, 0));
    UsableBins bins;
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < net.q_invA.size(); ++i) {
        if (!(net.q_invA[i] >= low && net.q_invA[i] <= high && std::isfinite(net.intensity[i]))) continue;
        chosen.push_back(i);
        bins.q_invA.push_back(net.q_invA[i]);
        bins.intensity.push_back(net.intensity[i]);
        if (!net.polarization.empty()) bins.polarization.push_back(net.polarization[i]);
    }
    bins.errors = pattern_errors(net.sigma, net.background_sigma, net.correlation, chosen);
    return bins;
}

// A <f>^2: intensity per unit of y.
std::vector<double> units_of(SelfScattering const& self) {
    std::vector<double> units(self.absorption);
    for (std::size_t i = 0; i < units.size(); ++i) units[i] *= self.f_mean2[i];
    return units;
}

// With `amplitude` times the computed fluorescence.
ScaledData scaled(UsableBins const& bins, SelfScattering const& self, std::vector<double> const& units, double amplitude) {
    ScaledData data{bins.q_invA, bins.intensity, self.f2_mean, self.f_mean2};
    for (std::size_t i = 0; i < data.y.size(); ++i) {
        data.y[i] /= units[i];
        data.t[i] = (self.f2_mean[i] + self.compton[i] + amplitude * self.fluorescence[i] + self.multiple[i]) / self.f_mean2[i];
        data.u[i] = 1 / self.f_mean2[i];
    }
    return data;
}

struct ScaledCurve {
    ScaledData data; ///< t with the fluorescence
    Scale scale;
    std::optional<SharedParameter> amplitude; ///< of the fluorescence, where it was fitted
};

// d alpha / d k by a small change of k, and with it what alpha has of dk/dy.
void add_amplitude(ScaledCurve& curve, FluorescenceFit const& fit, std::vector<double> const& x, double density_A3,
                   NormalizationConfig const& config) {
    constexpr double step = 1e-3;
    auto const shifted = [&](double by) {
        auto data = curve.data;
        for (std::size_t i = 0; i < x.size(); ++i) data.t[i] += by * x[i];
        return normalize(data, density_A3, config);
    };
    auto const up = shifted(step), down = shifted(-step);
    if (!up || !down) return;
    auto const chain = [&](double difference, std::vector<double>& response) {
        for (std::size_t j = 0; j < response.size(); ++j) response[j] += difference / (2 * step) * fit.response[j];
    };
    chain(up->used.alpha - down->used.alpha, curve.scale.used.response);
    chain(up->used.constant - down->used.constant, curve.scale.used.constant_response);
    SharedParameter amplitude{x, fit.response};
    for (double& effect : amplitude.effect) effect = -effect;
    curve.amplitude = std::move(amplitude);
}

std::optional<ScaledCurve> scale_curve(UsableBins const& bins, SelfScattering const& self, std::vector<double> const& units,
                                       double density_A3, ReductionConfig const& config) {
    auto const& options = *config.structure_factor;
    auto normalization = options.normalization;
    if (config.pair_distribution) normalization.low_r_cut_A = config.pair_distribution->low_r_cut_A;
    auto x = self.fluorescence;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] /= self.f_mean2[i];
    bool const fitted = options.fluorescence == FluorescenceUse::fitted && self.fluorescence_forward > 0;
    FluorescenceFit const fit = fitted ? fit_fluorescence(scaled(bins, self, units, 0), x, density_A3, normalization) : FluorescenceFit{};
    auto data = scaled(bins, self, units, fit.amplitude);
    auto scale = normalize(data, density_A3, normalization);
    if (!scale) return std::nullopt;
    ScaledCurve curve{std::move(data), std::move(*scale), {}};
    if (fitted) add_amplitude(curve, fit, x, density_A3, normalization);
    for (double& response : curve.scale.used.response) response *= options.scale_factor;
    curve.scale.used.alpha *= options.scale_factor;
    Normalization& n = curve.scale.normalization;
    n.alpha *= options.scale_factor;
    n.fluorescence = fit.amplitude * self.fluorescence_forward;
    n.fluorescence_amplitude = fit.amplitude;
    n.fluorescence_amplitude_sigma = fit.sigma;
    return curve;
}

// dS = [alpha dy + y dalpha - u dconstant - x dk] to_form
CurveErrors errors_of(UsableBins const& bins, ScaledCurve const& curve, std::vector<double> const& units,
                      std::vector<double> const& to_form) {
    CurveErrors errors = bins.errors;
    LinearScale const& scale = curve.scale.used;
    auto const share = [&](std::vector<double> effect, std::vector<double> response, double sign) {
        for (std::size_t i = 0; i < units.size(); ++i) {
            effect[i] *= sign * to_form[i];
            response[i] /= units[i];
        }
        errors.shared.push_back({std::move(effect), std::move(response)});
    };
    for (std::size_t i = 0; i < units.size(); ++i) errors.direct[i] = scale.alpha / units[i] * to_form[i];
    share(curve.data.y, scale.response, 1);
    if (!scale.constant_response.empty()) share(curve.data.u, scale.constant_response, -1);
    if (curve.amplitude) share(curve.amplitude->effect, curve.amplitude->response, 1);
    return errors;
}

// S is 1 + alpha y - t - constant u of Faber and Ziman; other forms begin at another number and may have another unit.
struct Form {
    char const* name;
    std::vector<double> offset, factor; ///< S = offset + factor (alpha y - t - constant u)
};

Form form_of(LaueForm laue, SelfScattering const& self) {
    std::vector<double> const ones(self.f2_mean.size(), 1.0);
    std::vector<double> ratio = self.f2_mean;
    for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] /= self.f_mean2[i];
    if (laue == LaueForm::faber_ziman) return {"faber_ziman", ones, ones};
    if (laue == LaueForm::none) return {"laue_none", ratio, ones};
    for (double& r : ratio) r = 1 / r;
    return {"ashcroft_langreth", ones, ratio};
}

void add_flags(Normalization const& n, SelfScattering const& self, std::vector<std::string>& flags) {
    constexpr double worth_saying = 0.01, unsteady = 0.003;
    if (self.threshold_unknown) flags.emplace_back("threshold_unknown");
    if (n.multiple_scattering >= worth_saying && !n.multiple_scattering_subtracted)
        flags.push_back("multiple_scattering:" + percent_text(*n.multiple_scattering));
    if (n.method == "kmn" && n.alpha_spread > unsteady * n.alpha)
        flags.push_back("kmn_uncertain:" + percent_text(n.alpha_spread / n.alpha));
}

} // namespace

std::optional<StructureFactor> structure_factor(Pattern1D const& net, ReductionConfig const& config, std::vector<std::string>& flags) {
    auto const refuse = [&flags](char const* why) {
        flags.emplace_back(why);
        return std::nullopt;
    };
    auto const& options = *config.structure_factor;
    if (config.sample.composition.elements.empty()) return refuse("no_composition");
    if (!config.sample.density_g_cm3) return refuse("no_density");
    auto const bins = usable_bins(net, config);
    if (bins.q_invA.size() < 10) return refuse("empty_range:structure_factor");

    auto const self = self_scattering(bins.q_invA, bins.polarization, config);
    auto const units = units_of(self);
    double const density_A3 = number_density_A3(config.sample.composition, *config.sample.density_g_cm3);
    auto const curve = scale_curve(bins, self, units, density_A3, config);
    if (!curve) {
        if (self.threshold_unknown) flags.emplace_back("threshold_unknown");
        return refuse("normalization_failed");
    }
    auto const& [data, scale, amplitude] = *curve;
    auto const form = form_of(options.laue, self);
    StructureFactor sq;
    sq.q_invA = data.q_invA;
    sq.form = form.name;
    sq.normalization = scale.normalization;
    sq.normalization.multiple_scattering = multiple_scattering_ratio(config.sample, config.energy_keV);
    sq.normalization.multiple_scattering_subtracted = options.subtract_multiple_scattering;
    for (std::size_t i = 0; i < data.q_invA.size(); ++i) {
        double const constant = scale.used.constant_response.empty() ? 0 : scale.used.constant * data.u[i];
        sq.s.push_back(form.factor[i] * (scale.used.alpha * data.y[i] - data.t[i] - constant) + form.offset[i]);
        sq.f.push_back(sq.q_invA[i] * (sq.s[i] - 1));
    }
    sq.errors = errors_of(bins, *curve, units, form.factor);
    sq.normalization.alpha_sigma = spread_of(sq.errors, sq.errors.shared.front().response).sigma;
    for (auto const& spread : spread_of_points(sq.errors)) {
        sq.s_sigma.push_back(spread.sigma);
        if (!sq.errors.background_sigma.empty()) sq.s_background_sigma.push_back(spread.background_sigma);
    }
    add_flags(sq.normalization, self, flags);
    return sq;
}

} // namespace sqd
