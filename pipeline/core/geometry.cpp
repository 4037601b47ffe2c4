// PONI geometry: rotations, angles, momentum transfer.
#include "pipeline/core/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sqd {

double parallax_shift_m(Parallax const& sensor, double cos_incidence) {
    double const sine = std::sqrt(std::max(0.0, 1 - cos_incidence * cos_incidence));
    double const x = sensor.attenuation_per_m * sensor.thickness_m / cos_incidence, passed = std::exp(-x);
    return sine / sensor.attenuation_per_m * (1 - passed * (1 + x)) / (1 - passed);
}

DetectorPlane::DetectorPlane(Geometry const& g) : distance_m_(g.distance_m), parallax_(g.parallax) {
    double const c1 = std::cos(g.rot1_rad), s1 = std::sin(g.rot1_rad);
    double const c2 = std::cos(g.rot2_rad), s2 = std::sin(g.rot2_rad);
    double const c3 = std::cos(g.rot3_rad), s3 = std::sin(g.rot3_rad);
    along1_ = {c2 * c3, c2 * s3, s2};
    along2_ = {c3 * s1 * s2 - c1 * s3, c1 * c3 + s1 * s2 * s3, -c2 * s1};
    foot_ = {-(c1 * c3 * s2 + s1 * s3) * distance_m_, (c3 * s1 - c1 * s2 * s3) * distance_m_, c1 * c2 * distance_m_};
}

LabPoint DetectorPlane::at(double p1_m, double p2_m) const {
    if (double const r = parallax_ ? std::hypot(p1_m, p2_m) : 0; r > 0) {
        double const entered = 1 - parallax_shift_m(*parallax_, distance_m_ / std::hypot(distance_m_, r)) / r;
        p1_m *= entered;
        p2_m *= entered;
    }
    return {p1_m * along1_[0] + p2_m * along2_[0] + foot_[0], p1_m * along1_[1] + p2_m * along2_[1] + foot_[1],
            p1_m * along1_[2] + p2_m * along2_[2] + foot_[2],
            distance_m_ / std::sqrt(distance_m_ * distance_m_ + p1_m * p1_m + p2_m * p2_m)};
}

bool rows_flipped(Geometry const& g) {
    return g.orientation == 1 || g.orientation == 2;
}

bool cols_flipped(Geometry const& g) {
    return g.orientation == 1 || g.orientation == 4;
}

LabPoint lab_point(Geometry const& g, double row, double col) {
    double const d1 = rows_flipped(g) ? static_cast<double>(g.rows) - row : row;
    double const d2 = cols_flipped(g) ? static_cast<double>(g.cols) - col : col;
    return DetectorPlane(g).at(d1 * g.pixel1_m - g.poni1_m, d2 * g.pixel2_m - g.poni2_m);
}

double two_theta_rad(LabPoint const& p) {
    return std::atan2(std::sqrt(p.t1 * p.t1 + p.t2 * p.t2), p.t3);
}

double chi_rad(LabPoint const& p) {
    return std::atan2(p.t1, p.t2);
}

double q_invA(double two_theta_rad, double wavelength_A) {
    return 4 * std::numbers::pi * std::sin(0.5 * two_theta_rad) / wavelength_A;
}

double two_theta_of_q_rad(double q_invA, double wavelength_A) {
    double const sine = q_invA * wavelength_A / (4 * std::numbers::pi);
    return sine <= 1 ? 2 * std::asin(sine) : std::numeric_limits<double>::quiet_NaN();
}

} // namespace sqd
