// What a pixel at a point of the laboratory sees, and where in the pattern it belongs.
#pragma once

#include "pipeline/core/geometry.hpp"
#include "pipeline/reduce/integration_config.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sqd {

/// One step of `unit` in the coordinate that is binned (1/nm, rad, m, as pyFAI bins): displayed = binned * unit_scale.
double unit_scale(RadialUnit unit);

/// Distances of pixel centres from the PONI along one axis [m]; with `float32` rounded at each step as pyFAI 0.21.3 does.
std::vector<double> pixel_centres_m(std::size_t pixels, double pixel_m, double poni_m, bool flipped, bool float32);
/// The same of the lines between pixels: `pixels` + 1 of them; pixel i lies between i and i + 1.
std::vector<double> pixel_edges_m(std::size_t pixels, double pixel_m, double poni_m, bool flipped);

/// Polarisation factor (Kahn, Fourme, Gadet, Janin, Dumas & Andre, J. Appl. Cryst. 15, 330 (1982), pyFAI's form):
/// P = (1 + cos^2(2 theta) - f cos(2 (chi + offset)) sin^2(2 theta)) / 2, with cos(2 chi) sin^2(2 theta) = (t2^2 - t1^2) / R^2 and
/// sin(2 chi) sin^2(2 theta) = 2 t1 t2 / R^2.
class Polarization {
public:
    explicit Polarization(double factor, double offset_deg = 0);
    double operator()(LabPoint const& p) const;

private:
    double cos_part_, sin_part_; ///< f cos(2 offset), f sin(2 offset)
};

class PixelOptics {
public:
    /// `energy_keV` serves the sensor's efficiency, air and absorber (attenuation from xraylib).
    PixelOptics(Geometry const& geometry, IntegrationConfig const& config, std::optional<Sensor> const& sensor, double energy_keV);

    /// The coordinate that is binned: q in 1/nm, 2 theta in rad, r in m.
    double radial(LabPoint const& p) const;
    /// Solid angle x efficiency x transmission of air and absorber, relative to normal incidence.
    double unpolarized_norm(LabPoint const& p) const;
    /// The same x polarisation; with compat the product of its float32 factors, as pyFAI has it.
    float norm(LabPoint const& p) const;

private:
    double solid_angle(double cos_incidence) const;

    RadialUnit unit_;
    bool solid_angle_, float32_;
    double solid_angle_order_;
    std::optional<Polarization> polarization_;
    RayAttenuation ray_;
    double q_factor_;        ///< q [1/nm] per sin(theta)
    double attenuation_ = 0; ///< mu d of the sensor; 0 = efficiency left alone
    double per_normal_efficiency_ = 1;
};

} // namespace sqd
