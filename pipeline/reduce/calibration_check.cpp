// Windows of the rings, positions, shifts, and what they mean at the FSDP.
#include "pipeline/reduce/calibration_check.hpp"

#include "pipeline/reduce/geometry_shift.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sqd {

namespace {

constexpr double blend_share = 0.02; ///< of a line's intensity: what a neighbour needs to disturb it
constexpr double narrowest_window_px = 3, significant_sigma = 3;
constexpr double steepest_rad = 80 * std::numbers::pi / 180; ///< where a flat detector still sees a ring as one

double largest_q(Geometry const& g) {
    double out = 0;
    for (double const row : {0.0, static_cast<double>(g.rows)}) {
        for (double const col : {0.0, static_cast<double>(g.cols)}) out = std::max(out, two_theta_rad(lab_point(g, row, col)));
    }
    return q_invA(out, g.wavelength_A);
}

/// The lines that can be used, and where to look for them.
struct Wanted {
    std::vector<CalibrantLine> lines;
    std::vector<RingWindow> windows;
};

Wanted wanted_rings(Geometry const& g, Calibrant const& crystal, CalibrationCheckConfig const& config) {
    auto const all = calibrant_lines(crystal, 1.02 * largest_q(g));
    Wanted out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool const reachable = two_theta_of_q_rad(all[i].q_invA, g.wavelength_A) < steepest_rad; // NaN beyond back-scattering
        if (all[i].intensity < config.weakest_intensity || !reachable) continue;
        double const step = q_per_pixel(g, all[i].q_invA);
        double half = config.half_window_px * step;
        for (std::size_t j = 0; j < all.size(); ++j) {
            if (j == i || all[j].intensity < blend_share * all[i].intensity) continue;
            half = std::min(half, 0.5 * std::abs(all[j].q_invA - all[i].q_invA));
        }
        if (!(half >= narrowest_window_px * step)) continue;
        out.lines.push_back(all[i]);
        out.windows.push_back({all[i].q_invA, half / step});
    }
    return out;
}

/// `scatter_invA` = of the sectors beyond counting.
RingFound mean_of(CalibrantLine const& line, std::vector<RingSector> const& found, std::size_t ring, double scatter_invA) {
    double weights = 0, sum = 0;
    RingFound out{line.hkl, line.q_invA, {}, 0};
    for (auto const& sector : found) {
        if (sector.ring != ring) continue;
        double const weight = 1 / (sector.q_invA.sigma * sector.q_invA.sigma + scatter_invA * scatter_invA);
        weights += weight;
        sum += weight * sector.q_invA.value;
        ++out.sectors;
    }
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    out.q_invA = weights > 0 ? Measured{sum / weights, 1 / std::sqrt(weights)} : Measured{nan, nan};
    return out;
}

/// Whether a shift is beyond chance, and moves q by more than matters when `relative_q` is what one unit of it moves.
bool matters(Measured const& shift, double relative_q, double smallest) {
    return std::abs(shift.value) > significant_sigma * shift.sigma && std::abs(shift.value * relative_q) > smallest;
}

void judge(CalibrationCheck& out, Geometry const& g, CalibrationCheckConfig const& config) {
    if (!out.shift) return;
    double const two_theta = two_theta_of_q_rad(config.fsdp_q_invA, g.wavelength_A);
    if (!(two_theta < 0.5 * std::numbers::pi)) return;
    double const lever = std::pow(std::cos(0.5 * two_theta), 2) * std::cos(two_theta), smallest = config.smallest_relative_q;
    double const per_distance = -lever / g.distance_m, per_radius = lever / (g.distance_m * std::tan(two_theta));
    out.relative_q = {out.shift->distance_m.value * per_distance, out.shift->distance_m.sigma * std::abs(per_distance)};
    out.distance_shifted = matters(out.shift->distance_m, per_distance, smallest);
    out.centre_shifted = matters(out.shift->poni1_m, per_radius, smallest) || matters(out.shift->poni2_m, per_radius, smallest);
    if (out.tilted) {
        double const per_tilt = lever * std::tan(two_theta);
        out.tilt_shifted = matters(*out.tilted->rot1_rad, per_tilt, smallest) || matters(*out.tilted->rot2_rad, per_tilt, smallest);
    }
    if (out.distance_shifted || out.centre_shifted || out.tilt_shifted) {
        out.verdict = CalibrationVerdict::shifted;
    } else if (out.relative_q.sigma < smallest) {
        out.verdict = CalibrationVerdict::holds;
    }
}

} // namespace

CalibrationCheck check_calibration(Image<double> const& image, double frames, Mask const& mask, Geometry const& geometry,
                                   Calibrant const& crystal, CalibrationCheckConfig const& config, ParallelFor const& parallel_for) {
    Wanted const wanted = wanted_rings(geometry, crystal, config);
    auto found = find_ring_sectors(image, frames, mask, geometry, wanted.windows, config.sectors, parallel_for);
    std::vector<RingPoint> points;
    for (auto const& sector : found) points.push_back({sector.chi_rad, sector.q_invA, wanted.lines[sector.ring].q_invA});

    CalibrationCheck out;
    out.calibrant = crystal.name;
    out.shift = fit_geometry_shift(geometry, points, false);
    double scatter_px = 0;
    if (out.shift) {
        out.tilted = fit_geometry_shift(geometry, points, true);
        double const limit = config.largest_tilt_sigma_rad;
        if (out.tilted && !(out.tilted->rot1_rad->sigma < limit && out.tilted->rot2_rad->sigma < limit)) out.tilted.reset();
        scatter_px = out.shift->scatter_px;
        auto const& outliers = out.shift->outliers;
        for (std::size_t i = outliers.size(); i-- > 0;) found.erase(found.begin() + static_cast<std::ptrdiff_t>(outliers[i]));
    }
    out.sectors = found.size();
    for (std::size_t ring = 0; ring < wanted.lines.size(); ++ring) {
        auto const& line = wanted.lines[ring];
        out.rings.push_back(mean_of(line, found, ring, scatter_px * q_per_pixel(geometry, line.q_invA)));
    }
    judge(out, geometry, config);
    return out;
}

} // namespace sqd
