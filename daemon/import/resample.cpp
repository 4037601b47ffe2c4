// Linear interpolation of a pattern with its variance.
#include "daemon/import/resample.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

/// Grids written with fewer digits than they were computed with are the same grid to this part of a bin.
constexpr double grid_tolerance = 1e-3;

/// Where q lies among the background's bins: between `left` and `left + 1`, a fraction t of the way.
struct Place {
    std::size_t left;
    double t;
};

Place place_of(double q, std::vector<double> const& grid) {
    auto const upper = std::upper_bound(grid.begin(), grid.end(), q);
    auto const right = std::clamp<std::ptrdiff_t>(upper - grid.begin(), 1, std::ssize(grid) - 1);
    auto const left = static_cast<std::size_t>(right - 1);
    double const t = (q - grid[left]) / (grid[left + 1] - grid[left]);
    double const nearest = std::round(t);
    return {left, std::abs(t - nearest) < grid_tolerance ? nearest : t};
}

Pattern1D kept_bins(Pattern1D const& p, std::vector<std::size_t> const& bins) {
    auto const pick = [&](std::vector<double> const& from) {
        std::vector<double> to;
        if (!from.empty())
            for (std::size_t const bin : bins) to.push_back(from[bin]);
        return to;
    };
    return {p.unit, pick(p.radial), pick(p.q_invA), pick(p.intensity), pick(p.sigma), pick(p.pixels), pick(p.polarization), {}, {}};
}

/// A weight of zero takes nothing from a neighbour, not even its emptiness.
double weighted(double a, double weight_a, double b, double weight_b) {
    return (weight_a == 0 ? 0 : weight_a * a) + (weight_b == 0 ? 0 : weight_b * b);
}

void append_interpolated(Pattern1D& out, Pattern1D const& from, Place place) {
    std::size_t const left = place.left;
    double const t = place.t;
    double const s = 1 - t;
    auto const linear = [&](std::vector<double> const& y) { return weighted(y[left], s, y[left + 1], t); };
    auto const squared = [](double x) { return x * x; };
    out.intensity.push_back(linear(from.intensity));
    out.sigma.push_back(std::sqrt(weighted(squared(from.sigma[left]), s * s, squared(from.sigma[left + 1]), t * t)));
    out.pixels.push_back(linear(from.pixels));
    if (!from.polarization.empty()) out.polarization.push_back(linear(from.polarization));
}

} // namespace

PatternPair onto_one_grid(Pattern1D const& sample, Pattern1D const& background) {
    if (sample.q_invA == background.q_invA) return {sample, background};
    if (background.q_invA.size() < 2) throw DataError("background: one bin (nothing to interpolate between) give more of it");
    std::vector<std::size_t> kept;
    std::vector<Place> places;
    for (std::size_t bin = 0; bin < sample.q_invA.size(); ++bin) {
        Place const place = place_of(sample.q_invA[bin], background.q_invA);
        if (place.t < 0 || place.t > 1) continue;
        kept.push_back(bin);
        places.push_back(place);
    }
    if (kept.size() < 2)
        throw DataError("background: does not overlap with the sample (their q ranges differ) check the units of both files");

    PatternPair out;
    out.sample = kept_bins(sample, kept);
    out.cut_bins = sample.q_invA.size() - kept.size();
    out.interpolated = std::any_of(places.begin(), places.end(), [](Place const& p) { return p.t != 0 && p.t != 1; });
    out.background.unit = sample.unit;
    out.background.radial = out.sample.radial;
    out.background.q_invA = out.sample.q_invA;
    for (Place const& place : places) append_interpolated(out.background, background, place);
    return out;
}

} // namespace sqd
