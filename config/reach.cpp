// Rays against the detector plane.
#include "config/reach.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

namespace sqd {

namespace {

using Vector = std::array<double, 3>;

Vector to_vector(LabPoint const& p) {
    return {p.t1, p.t2, p.t3};
}
Vector minus(Vector const& a, Vector const& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
double dot(Vector const& a, Vector const& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
Vector cross(Vector const& a, Vector const& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Without parallax, which moves points by less than a pixel or two. The detector plane: laboratory point = origin + row * down + col *
/// along. A flat detector is linear in row and col.
struct Plane {
    Vector origin, down, along;
};

Plane plane_of(Geometry g) {
    g.parallax.reset();
    auto const origin = to_vector(lab_point(g, 0, 0));
    return {origin, minus(to_vector(lab_point(g, 1, 0)), origin), minus(to_vector(lab_point(g, 0, 1)), origin)};
}

/// Row and column [pixels] where the ray from the sample meets the plane ahead of it (Cramer's rule).
std::optional<std::pair<double, double>> hit(Plane const& plane, Vector const& ray) {
    auto const normal = cross(plane.down, plane.along);
    auto const approach = dot(normal, ray);
    auto const length = dot(normal, plane.origin) / approach;
    if (!std::isfinite(length) || length <= 0) return std::nullopt;
    auto const on_plane = minus({ray[0] * length, ray[1] * length, ray[2] * length}, plane.origin);
    auto const area = dot(normal, normal);
    return std::pair{dot(cross(on_plane, plane.along), normal) / area, dot(cross(plane.down, on_plane), normal) / area};
}

double radial_value(LabPoint const& p, RadialUnit unit, double wavelength_A) {
    switch (unit) {
    case RadialUnit::q_invA: return q_invA(two_theta_rad(p), wavelength_A);
    case RadialUnit::q_invnm: return 10 * q_invA(two_theta_rad(p), wavelength_A);
    case RadialUnit::two_theta_deg: return two_theta_rad(p) * 180 / std::numbers::pi;
    case RadialUnit::two_theta_rad: return two_theta_rad(p);
    case RadialUnit::r_mm: return 1e3 * std::hypot(p.t1, p.t2);
    }
    return std::nan("");
}

bool on_detector(Geometry const& g, std::pair<double, double> const& at) {
    return at.first >= 0 && at.second >= 0 && at.first < static_cast<double>(g.rows) && at.second < static_cast<double>(g.cols);
}

} // namespace

double q_of_radial(double value, RadialUnit unit, Geometry const& geometry) {
    switch (unit) {
    case RadialUnit::q_invA: return value;
    case RadialUnit::q_invnm: return value / 10;
    case RadialUnit::two_theta_deg: return q_invA(value * std::numbers::pi / 180, geometry.wavelength_A);
    case RadialUnit::two_theta_rad: return q_invA(value, geometry.wavelength_A);
    case RadialUnit::r_mm: return q_invA(std::atan(value * 1e-3 / geometry.distance_m), geometry.wavelength_A);
    }
    return std::nan("");
}

/// No coordinate has a maximum or minimum inside a flat detector but at the beam itself, so the rim tells all else.
std::pair<double, double> reachable_range(Geometry const& g, RadialUnit unit) {
    auto const plane = plane_of(g);
    auto const rows = static_cast<double>(g.rows);
    auto const cols = static_cast<double>(g.cols);
    double low = std::numeric_limits<double>::infinity(), high = 0;
    auto const look = [&](double row, double col) {
        auto const value = radial_value(lab_point(g, row, col), unit, g.wavelength_A);
        low = std::min(low, value);
        high = std::max(high, value);
    };
    for (double row = 0; row <= rows; ++row) {
        look(row, 0);
        look(row, cols);
    }
    for (double col = 0; col <= cols; ++col) {
        look(0, col);
        look(rows, col);
    }
    if (auto const beam = hit(plane, {0, 0, 1}); beam && on_detector(g, *beam)) low = 0;
    return {low, high};
}

double ring_cover(Geometry const& g, Mask const& mask, double q, int samples) {
    auto const plane = plane_of(g);
    auto const angle = two_theta_of_q_rad(q, g.wavelength_A);
    if (std::isnan(angle)) return 0;
    int seen = 0;
    for (int i = 0; i < samples; ++i) {
        auto const chi = 2 * std::numbers::pi * (i + 0.5) / samples;
        auto const at = hit(plane, {std::sin(angle) * std::sin(chi), std::sin(angle) * std::cos(chi), std::cos(angle)});
        if (!at || !on_detector(g, *at)) continue;
        if (mask(static_cast<std::size_t>(at->first), static_cast<std::size_t>(at->second)) == 0) ++seen;
    }
    return static_cast<double>(seen) / samples;
}

} // namespace sqd
