#include "config/fit2d.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

constexpr double degree = std::numbers::pi / 180, mm = 1e-3;

} // namespace

Geometry with_fit2d(Geometry g, Fit2dGeometry const& f) {
    double const distance_m = f.distance_mm * mm, tilt = f.tilt_deg * degree, plane = f.tilt_plan_rotation_deg * degree;
    double const up = std::sin(tilt) * std::sin(plane), along = std::sin(tilt) * std::cos(plane);
    g.distance_m = distance_m * std::cos(tilt);
    g.poni1_m = f.center_y_px * g.pixel1_m - distance_m * up;
    g.poni2_m = f.center_x_px * g.pixel2_m - distance_m * along;
    g.rot1_rad = -std::atan2(along, std::cos(tilt));
    g.rot2_rad = std::asin(up);
    double const half = std::sin(tilt / 2); // cos t - 1 = -2 sin^2(t / 2), without cancellation
    g.rot3_rad = std::asin(std::clamp(-2 * half * half * std::sin(plane) * std::cos(plane) / std::cos(g.rot2_rad), -1.0, 1.0));
    return g;
}

std::optional<Fit2dGeometry> fit2d_of(Geometry const& g) {
    double const cos_tilt = std::cos(g.rot1_rad) * std::cos(g.rot2_rad);
    if (!(cos_tilt > 0)) return std::nullopt;
    double const up = std::sin(g.rot2_rad), along = -std::cos(g.rot2_rad) * std::sin(g.rot1_rad);
    bool const is_tilted = up != 0 || along != 0;
    Fit2dGeometry f;
    f.distance_mm = g.distance_m / cos_tilt / mm;
    f.center_y_px = (g.poni1_m + g.distance_m * up / cos_tilt) / g.pixel1_m;
    f.center_x_px = (g.poni2_m + g.distance_m * along / cos_tilt) / g.pixel2_m;
    f.tilt_deg = std::atan2(std::hypot(up, along), cos_tilt) / degree;
    f.tilt_plan_rotation_deg = is_tilted ? std::atan2(up, along) / degree : 0;
    return f;
}

std::optional<Fit2dGeometry> fit2d_on_image(Geometry const& g) {
    auto beam = fit2d_of(g);
    if (beam && rows_flipped(g)) beam->center_y_px = static_cast<double>(g.rows) - beam->center_y_px;
    if (beam && cols_flipped(g)) beam->center_x_px = static_cast<double>(g.cols) - beam->center_x_px;
    return beam;
}

} // namespace sqd
