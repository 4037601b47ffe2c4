// From the net pattern to S(q).
#include "pipeline/reduce/structure_factor.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/attenuation.hpp"
#include "pipeline/reduce/compton.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

constexpr double um_to_cm = 1e-4;

// Photons of another energy than the beam's, seen beside elastic ones in the same bin: their weight relative to the elastic weight.
class RelativeWeight {
public:
    explicit RelativeWeight(ReductionConfig const& config)
        : composition_(config.sample.composition), detector_(config.sensor), air_(config.air), absorber_(config.absorber) {
        auto const thickness = optical_thickness(config.sample, config.energy_keV);
        if (config.sample.self_absorption && thickness) thickness_ = *thickness;
        mass_attenuation_ = thickness_ > 0 ? mass_attenuation_cm2_g(config.sample.composition, config.energy_keV) : 1;
    }

    double elastic_absorption(double cos_two_theta) const { return plate_absorption(thickness_, thickness_, cos_two_theta); }

    // mu t on the way out at another energy: the same atoms, so in the ratio of the attenuation coefficients.
    double exit_thickness(double energy_keV) const {
        return thickness_ > 0 ? thickness_ * mass_attenuation_cm2_g(composition_, energy_keV) / mass_attenuation_ : 0;
    }

    // A' / A
    double absorption(double exit_thickness, double cos_two_theta) const {
        return plate_absorption(thickness_, exit_thickness, cos_two_theta) / elastic_absorption(cos_two_theta);
    }

    // mu t of air and window; 0 = none
    double path(double energy_keV) const { return ray_attenuation(air_, absorber_, energy_keV).normal(); }

    // exp[-(mu' t - mu t) / cos], at the incidence angle of a detector square to the beam
    static double transmission(double path, double path_elastic, double cos_two_theta) {
        return std::exp((path_elastic - path) / cos_two_theta);
    }

    // mu d of the sensor; 0 = sensor not known, all energies count alike
    double sensor_thickness(double energy_keV) const {
        if (!detector_) return 0;
        return sensor_attenuation_per_cm(detector_->material, energy_keV) * detector_->thickness_um * um_to_cm;
    }

    // eta(E') / eta(E), at the incidence angle of a detector square to the beam
    static double efficiency(double sensor_thickness, double sensor_thickness_elastic, double cos_two_theta) {
        if (!(sensor_thickness_elastic > 0)) return 1;
        return absorbed_fraction(sensor_thickness / cos_two_theta) / absorbed_fraction(sensor_thickness_elastic / cos_two_theta);
    }

private:
    Composition composition_;
    std::optional<Sensor> detector_;
    std::optional<AirPath> air_;
    std::optional<Absorber> absorber_;
    double thickness_ = 0, mass_attenuation_ = 1;
};

// Attenuation as a function of energy between the beam's and the most recoiled photon's: smooth on this short way unless an edge lies
// there, and expensive, so tabulated.
class ComptonExit {
public:
    ComptonExit(RelativeWeight const& weight, double energy_keV, double lowest_keV) : low_(lowest_keV) {
        step_ = std::max((energy_keV - lowest_keV) / (size - 1), 1e-9);
        for (std::size_t i = 0; i < size; ++i) {
            double const at = std::min(low_ + step_ * static_cast<double>(i), energy_keV);
            sample_.push_back(weight.exit_thickness(at));
            sensor_.push_back(weight.sensor_thickness(at));
            path_.push_back(weight.path(at));
        }
    }
    double sample(double energy_keV) const { return interpolate(sample_, energy_keV); }
    double sensor(double energy_keV) const { return interpolate(sensor_, energy_keV); }
    double path(double energy_keV) const { return interpolate(path_, energy_keV); }

private:
    static constexpr std::size_t size = 64;
    double interpolate(std::vector<double> const& table, double energy_keV) const {
        double const x = std::clamp((energy_keV - low_) / step_, 0.0, static_cast<double>(size - 1));
        auto const i = std::min(static_cast<std::size_t>(x), size - 2);
        double const part = x - static_cast<double>(i);
        return table[i] * (1 - part) + table[i + 1] * part;
    }
    double low_ = 0, step_ = 0;
    std::vector<double> sample_, sensor_, path_;
};

// Directions of the bins, and the mean polarisation factor that was divided out.
struct BinDirections {
    std::vector<double> cos_two_theta, polarization;
};

BinDirections directions(std::vector<double> const& q_invA, std::vector<double> const& polarization, double energy_keV) {
    BinDirections bins{std::vector<double>(q_invA.size()), polarization};
    bins.polarization.resize(q_invA.size());
    double const wavelength = wavelength_A(energy_keV);
    for (std::size_t i = 0; i < q_invA.size(); ++i) {
        bins.cos_two_theta[i] = std::cos(two_theta_of_q_rad(q_invA[i], wavelength));
        if (polarization.empty()) bins.polarization[i] = ring_polarization(bins.cos_two_theta[i]);
    }
    return bins;
}

void add_compton(SelfScattering& self, std::vector<double> const& q_invA, BinDirections const& bins, RelativeWeight const& weight,
                 ReductionConfig const& config) {
    auto const free_atom = compton_mean(config.sample.composition, q_invA);
    double const beam = config.energy_keV;
    double const most_recoiled = beam * compton_energy_ratio(beam, *std::min_element(bins.cos_two_theta.begin(), bins.cos_two_theta.end()));
    ComptonExit const exit(weight, beam, most_recoiled);
    double const sensor = weight.sensor_thickness(beam), path = weight.path(beam);
    for (std::size_t i = 0; i < q_invA.size(); ++i) {
        double const c = bins.cos_two_theta[i], ratio = compton_energy_ratio(beam, c), energy = beam * ratio;
        self.compton[i] = config.structure_factor->compton_factor * free_atom[i] * klein_nishina_over_thomson(ratio, bins.polarization[i]) *
                          weight.absorption(exit.sample(energy), c) * RelativeWeight::efficiency(exit.sensor(energy), sensor, c) *
                          RelativeWeight::transmission(exit.path(energy), path, c);
    }
}

void add_fluorescence(SelfScattering& self, BinDirections const& bins, RelativeWeight const& weight, ReductionConfig const& config) {
    double const sensor = weight.sensor_thickness(config.energy_keV), path = weight.path(config.energy_keV);
    for (auto const& line : fluorescence_lines(config.sample.composition, config.energy_keV)) {
        if (!config.threshold_keV) {
            self.threshold_unknown = self.threshold_unknown || line.energy_keV > config.energy_keV / 2;
            continue;
        }
        if (line.energy_keV <= *config.threshold_keV) continue;
        double const exit = weight.exit_thickness(line.energy_keV), line_sensor = weight.sensor_thickness(line.energy_keV);
        double const line_path = weight.path(line.energy_keV);
        auto const seen = [&](double c) {
            return config.structure_factor->fluorescence_factor * line.thomson_units * weight.absorption(exit, c) *
                   RelativeWeight::efficiency(line_sensor, sensor, c) * RelativeWeight::transmission(line_path, path, c);
        };
        self.fluorescence_forward += seen(1);
        for (std::size_t i = 0; i < self.fluorescence.size(); ++i) {
            self.fluorescence[i] += seen(bins.cos_two_theta[i]) / bins.polarization[i];
        }
    }
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

ScaledData scaled(UsableBins const& bins, SelfScattering const& self, std::vector<double> const& units) {
    ScaledData data{bins.q_invA, bins.intensity, self.f2_mean};
    for (std::size_t i = 0; i < data.y.size(); ++i) {
        data.y[i] /= units[i];
        data.t[i] = (self.f2_mean[i] + self.compton[i] + self.fluorescence[i]) / self.f_mean2[i];
    }
    return data;
}

// dS = alpha dy + y dalpha.
CurveErrors errors_of(UsableBins const& bins, ScaledData const& data, std::vector<double> const& units, Scale const& scale) {
    CurveErrors errors = bins.errors;
    SharedParameter alpha{data.y, scale.response};
    for (std::size_t i = 0; i < units.size(); ++i) {
        errors.direct[i] = scale.normalization.alpha / units[i];
        alpha.response[i] /= units[i];
    }
    errors.shared.push_back(std::move(alpha));
    return errors;
}

} // namespace

SelfScattering self_scattering(std::vector<double> const& q_invA, std::vector<double> const& polarization, ReductionConfig const& config) {
    auto const& options = *config.structure_factor;
    auto const energy = options.anomalous ? std::optional(config.energy_keV) : std::nullopt;
    auto averages = form_factor_averages(config.sample.composition, q_invA, energy);
    SelfScattering self;
    self.f2_mean = std::move(averages.f2_mean);
    self.f_mean2 = std::move(averages.f_mean2);
    self.absorption = self.compton = self.fluorescence = std::vector<double>(q_invA.size(), 0.0);
    if (q_invA.empty()) return self;

    auto const bins = directions(q_invA, polarization, config.energy_keV);
    RelativeWeight const weight(config);
    for (std::size_t i = 0; i < q_invA.size(); ++i) self.absorption[i] = weight.elastic_absorption(bins.cos_two_theta[i]);
    if (options.compton) add_compton(self, q_invA, bins, weight, config);
    if (options.fluorescence) add_fluorescence(self, bins, weight, config);
    return self;
}

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
    if (self.threshold_unknown) flags.emplace_back("threshold_unknown");
    auto const units = units_of(self);
    auto const data = scaled(bins, self, units);
    auto scale = normalize(data, number_density_A3(config.sample.composition, *config.sample.density_g_cm3));
    if (!scale) return refuse("normalization_failed");
    scale->normalization.alpha *= options.scale_factor;
    for (double& response : scale->response) response *= options.scale_factor;

    bool const faber_ziman = options.laue == LaueForm::faber_ziman;
    StructureFactor sq;
    sq.q_invA = data.q_invA;
    sq.form = faber_ziman ? "faber_ziman" : "laue_none";
    sq.normalization = scale->normalization;
    sq.normalization.fluorescence = self.fluorescence_forward;
    for (std::size_t i = 0; i < data.q_invA.size(); ++i) {
        double const laue_and_one = faber_ziman ? 1 : self.f2_mean[i] / self.f_mean2[i];
        sq.s.push_back(sq.normalization.alpha * data.y[i] - data.t[i] + laue_and_one);
        sq.f.push_back(sq.q_invA[i] * (sq.s[i] - 1));
    }
    sq.errors = errors_of(bins, data, units, *scale);
    sq.normalization.alpha_sigma = spread_of(sq.errors, sq.errors.shared.front().response).sigma;
    for (auto const& spread : spread_of_points(sq.errors)) {
        sq.s_sigma.push_back(spread.sigma);
        if (!sq.errors.background_sigma.empty()) sq.s_background_sigma.push_back(spread.background_sigma);
    }
    return sq;
}

} // namespace sqd
