#include "pipeline/reduce/pixel_optics.hpp"

#include "pipeline/reduce/attenuation.hpp"

#include <cmath>
#include <numbers>

namespace sqd {

namespace {

/// sin(theta) without trigonometry: 1 - cos(2 theta) = r^2 / (R (R + t3)), which does not cancel at small angles.
double sin_theta(LabPoint const& p) {
    double const r2 = p.t1 * p.t1 + p.t2 * p.t2, length = std::sqrt(r2 + p.t3 * p.t3);
    double const one_minus_cos = p.t3 >= 0 ? r2 / (length * (length + p.t3)) : (length - p.t3) / length;
    return std::sqrt(0.5 * one_minus_cos);
}

} // namespace

double unit_scale(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return 0.1;
    case RadialUnit::q_invnm: return 1;
    case RadialUnit::two_theta_deg: return 180 / std::numbers::pi;
    case RadialUnit::two_theta_rad: return 1;
    case RadialUnit::r_mm: return 1000;
    }
    return 1;
}

std::vector<double> pixel_centres_m(std::size_t pixels, double pixel_m, double poni_m, bool flipped, bool float32) {
    std::vector<double> out(pixels);
    for (std::size_t i = 0; i < pixels; ++i) {
        double const position = static_cast<double>(flipped ? pixels - 1 - i : i) + 0.5;
        out[i] = position * pixel_m - poni_m;
        if (float32) out[i] = static_cast<float>(pixel_m) * static_cast<float>(position) - static_cast<float>(poni_m);
    }
    return out;
}

std::vector<double> pixel_edges_m(std::size_t pixels, double pixel_m, double poni_m, bool flipped) {
    std::vector<double> out(pixels + 1);
    for (std::size_t i = 0; i <= pixels; ++i) out[i] = static_cast<double>(flipped ? pixels - i : i) * pixel_m - poni_m;
    return out;
}

Polarization::Polarization(double factor, double offset_deg)
    : cos_part_(factor * std::cos(2 * offset_deg * std::numbers::pi / 180)),
      sin_part_(factor * std::sin(2 * offset_deg * std::numbers::pi / 180)) {}

double Polarization::operator()(LabPoint const& p) const {
    double const t1 = p.t1 * p.t1, t2 = p.t2 * p.t2, t3 = p.t3 * p.t3;
    return 0.5 * (1 + (t3 - (cos_part_ * (t2 - t1) - sin_part_ * (2 * p.t1 * p.t2))) / (t1 + t2 + t3));
}

PixelOptics::PixelOptics(Geometry const& geometry, IntegrationConfig const& config, std::optional<Sensor> const& sensor, double energy_keV)
    : unit_(config.unit), solid_angle_(config.solid_angle), float32_(config.pyfai_compat), solid_angle_order_(config.solid_angle_order),
      ray_(ray_attenuation(config.air, config.absorber, energy_keV)), q_factor_(40 * std::numbers::pi / geometry.wavelength_A) {
    if (config.polarization_factor) polarization_.emplace(*config.polarization_factor, config.polarization_offset_deg);
    if (!config.sensor_efficiency || !sensor || !(sensor->thickness_um > 0)) return;
    attenuation_ = sensor_attenuation_per_cm(sensor->material, energy_keV) * sensor->thickness_um * 1e-4;
    per_normal_efficiency_ = 1 / absorbed_fraction(attenuation_);
}

double PixelOptics::radial(LabPoint const& p) const {
    switch (unit_) {
    case RadialUnit::q_invA:
    case RadialUnit::q_invnm: return q_factor_ * sin_theta(p);
    case RadialUnit::two_theta_deg:
    case RadialUnit::two_theta_rad: return two_theta_rad(p);
    case RadialUnit::r_mm: break;
    }
    return std::sqrt(p.t1 * p.t1 + p.t2 * p.t2);
}

float PixelOptics::norm(LabPoint const& p) const {
    double const bare = unpolarized_norm(p), polarized = polarization_ ? (*polarization_)(p) : 1;
    return float32_ ? static_cast<float>(polarized) * static_cast<float>(bare) : static_cast<float>(polarized * bare);
}

double PixelOptics::solid_angle(double cos_incidence) const {
    if (solid_angle_order_ == 3) return cos_incidence * cos_incidence * cos_incidence;
    return std::pow(cos_incidence, solid_angle_order_);
}

double PixelOptics::unpolarized_norm(LabPoint const& p) const {
    double out = solid_angle_ ? solid_angle(p.cos_incidence) : 1;
    if (attenuation_ > 0) out *= absorbed_fraction(attenuation_ / p.cos_incidence) * per_normal_efficiency_;
    if (ray_.normal() > 0) out *= ray_.relative_transmission(p.cos_incidence, p.t3 / std::sqrt(p.t1 * p.t1 + p.t2 * p.t2 + p.t3 * p.t3));
    return out;
}

} // namespace sqd
