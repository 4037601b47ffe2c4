// What the average atom gives by itself.
#include "pipeline/reduce/self_scattering.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/atomic_terms.hpp"
#include "pipeline/reduce/attenuation.hpp"
#include "pipeline/reduce/compton.hpp"
#include "pipeline/reduce/multiple_scattering.hpp"
#include "pipeline/reduce/sample_absorption.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>

namespace sqd {

namespace {

// Photons of another energy than the beam's, seen beside elastic ones in the same bins: their weight relative to the elastic weight.
class RelativeWeight {
public:
    RelativeWeight(ReductionConfig const& config, std::vector<double> const& cos_two_theta)
        : sample_(config.sample), sector_deg_(config.sector_deg), cos_two_theta_(cos_two_theta), detector_(config.sensor), air_(config.air),
          absorber_(config.absorber) {
        auto const thickness = optical_thickness(config.sample, config.energy_keV);
        if (config.sample.self_absorption && thickness) thickness_ = *thickness;
        mass_attenuation_ = thickness_ > 0 ? mass_attenuation_cm2_g(config.sample.composition, config.energy_keV) : 1;
        elastic_ = absorption_of(std::vector<double>(cos_two_theta.size(), thickness_), cos_two_theta);
        forward_ = absorption_of({thickness_}, {1.0}).front();
    }

    /// A of elastic photons, per bin.
    std::vector<double> const& elastic_absorption() const { return elastic_; }

    // mu t on the way out at another energy: the same atoms, so in the ratio of the attenuation coefficients.
    double exit_thickness(double energy_keV) const {
        return thickness_ > 0 ? thickness_ * mass_attenuation_cm2_g(sample_.composition, energy_keV) / mass_attenuation_ : 0;
    }

    // A' / A, per bin
    std::vector<double> absorption(std::vector<double> const& exit_thickness) const {
        auto out = absorption_of(exit_thickness, cos_two_theta_);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] /= elastic_[i];
        return out;
    }
    std::vector<double> absorption(double exit_thickness) const {
        return absorption(std::vector<double>(cos_two_theta_.size(), exit_thickness));
    }

    // A' / A at 2theta = 0
    double forward_absorption(double exit_thickness) const { return absorption_of({exit_thickness}, {1.0}).front() / forward_; }

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
    std::vector<double> absorption_of(std::vector<double> const& exit_thickness, std::vector<double> const& cos_two_theta) const {
        return ring_absorption(sample_, sector_deg_, thickness_, exit_thickness, cos_two_theta);
    }

    Sample sample_;
    std::optional<std::pair<double, double>> sector_deg_;
    std::vector<double> cos_two_theta_;
    std::optional<Sensor> detector_;
    std::optional<AirPath> air_;
    std::optional<Absorber> absorber_;
    double thickness_ = 0, mass_attenuation_ = 1, forward_ = 1;
    std::vector<double> elastic_;
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

void add_compton(SelfScattering& self, std::vector<double> const& free_atom, BinDirections const& bins, RelativeWeight const& weight,
                 ReductionConfig const& config) {
    if (!config.structure_factor->recoil) {
        self.compton = free_atom;
        for (double& c : self.compton) c *= config.structure_factor->compton_factor;
        return;
    }
    double const beam = config.energy_keV;
    double const most_recoiled = beam * compton_energy_ratio(beam, *std::min_element(bins.cos_two_theta.begin(), bins.cos_two_theta.end()));
    ComptonExit const exit(weight, beam, most_recoiled);
    double const sensor = weight.sensor_thickness(beam), path = weight.path(beam);
    std::vector<double> ratio, exit_thickness;
    for (double const c : bins.cos_two_theta) {
        ratio.push_back(compton_energy_ratio(beam, c));
        exit_thickness.push_back(exit.sample(beam * ratio.back()));
    }
    auto const absorption = weight.absorption(exit_thickness);
    for (std::size_t i = 0; i < free_atom.size(); ++i) {
        double const c = bins.cos_two_theta[i], energy = beam * ratio[i];
        self.compton[i] = config.structure_factor->compton_factor * free_atom[i] *
                          klein_nishina_over_thomson(ratio[i], bins.polarization[i]) * absorption[i] *
                          RelativeWeight::efficiency(exit.sensor(energy), sensor, c) *
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
        auto const seen = [&](double absorption, double c) {
            return config.structure_factor->fluorescence_factor * line.thomson_units * absorption *
                   RelativeWeight::efficiency(line_sensor, sensor, c) * RelativeWeight::transmission(line_path, path, c);
        };
        self.fluorescence_forward += seen(weight.forward_absorption(exit), 1);
        auto const absorption = weight.absorption(exit);
        for (std::size_t i = 0; i < self.fluorescence.size(); ++i)
            self.fluorescence[i] += seen(absorption[i], bins.cos_two_theta[i]) / bins.polarization[i];
    }
}

void add_multiple_scattering(SelfScattering& self, BinDirections const& bins, ReductionConfig const& config) {
    auto const ratio = multiple_scattering_ratio(config.sample, config.energy_keV);
    if (!ratio) return;
    double const isotropic = *ratio * mean_single_scattering(config);
    for (std::size_t i = 0; i < self.multiple.size(); ++i) self.multiple[i] = isotropic / bins.polarization[i];
}

} // namespace

SelfScattering self_scattering(std::vector<double> const& q_invA, std::vector<double> const& polarization, ReductionConfig const& config) {
    auto const& options = *config.structure_factor;
    bool const known = config.atoms && same_atoms(*config.atoms, q_invA, config);
    auto const atoms = known ? config.atoms : std::make_shared<AtomicTerms const>(atomic_terms(q_invA, config));
    SelfScattering self;
    self.f2_mean = atoms->f.f2_mean;
    self.f_mean2 = atoms->f.f_mean2;
    self.absorption = self.compton = self.fluorescence = self.multiple = std::vector<double>(q_invA.size(), 0.0);
    if (q_invA.empty()) return self;

    auto const bins = directions(q_invA, polarization, config.energy_keV);
    RelativeWeight const weight(config, bins.cos_two_theta);
    self.absorption = weight.elastic_absorption();
    if (options.compton) add_compton(self, atoms->compton, bins, weight, config);
    if (options.fluorescence != FluorescenceUse::none) add_fluorescence(self, bins, weight, config);
    if (options.subtract_multiple_scattering) add_multiple_scattering(self, bins, config);
    return self;
}

} // namespace sqd
