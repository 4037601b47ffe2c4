#include "pipeline/reduce/pixel_extent.hpp"

#include "pipeline/reduce/interval_shares.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

using std::numbers::pi;

BinShare bin_share(std::size_t bin, double part) {
    return {static_cast<std::uint32_t>(bin), static_cast<float>(part)};
}

void to_one_side(std::array<double, 4>& chi) {
    for (double& angle : chi)
        if (angle < 0) angle += 2 * pi;
    if (0.25 * (chi[0] + chi[1] + chi[2] + chi[3]) > pi)
        for (double& angle : chi) angle -= 2 * pi;
}

/// Integral of the line from (x1, y1) to (x2, y2) over its part inside [low, high], signed by its direction.
double area_under(double x1, double y1, double x2, double y2, double low, double high) {
    double const from = std::clamp(x1, low, high), to = std::clamp(x2, low, high);
    if (from == to) return 0;
    double const slope = (y2 - y1) / (x2 - x1);
    return (to - from) * (y1 + slope * (0.5 * (from + to) - x1));
}

/// Calls `each(x1, y1, x2, y2)` for the four edges of the quadrangle, going round.
template <class Each>
void for_edges(std::array<double, 4> const& x, std::array<double, 4> const& y, Each const& each) {
    for (std::size_t i = 0; i < 4; ++i) each(x[i], y[i], x[(i + 1) % 4], y[(i + 1) % 4]);
}

} // namespace

double half_width(PixelExtent const& pixel) {
    double out = 0;
    for (double const corner : pixel.corner_radial) out = std::max(out, std::abs(corner - pixel.radial));
    return out;
}

double half_opening_rad(PixelExtent const& pixel) {
    double out = 0;
    for (double const corner : pixel.corner_chi) {
        double const apart = std::abs(corner - pixel.chi);
        out = std::max(out, std::min(apart, 2 * pi - apart));
    }
    return out;
}

void join_across_discontinuity(PixelExtent& pixel) {
    auto const& r = pixel.corner_radial;
    auto& chi = pixel.corner_chi;
    // Half of the first product alone, as pyFAI has it: only the sign matters.
    double const area = 0.5 * (r[2] - r[0]) * (chi[3] - chi[1]) - (chi[2] - chi[0]) * (r[3] - r[1]);
    if (area > 0) to_one_side(chi);
}

void join_corners(PixelExtent& pixel) {
    auto const [low, high] = std::minmax_element(pixel.corner_chi.begin(), pixel.corner_chi.end());
    if (*high - *low > pi) to_one_side(pixel.corner_chi);
}

void ExactBins::share_centre(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    if (!(pixel.radial >= edges_.front()) || !(pixel.radial < edges_.back())) return;
    auto const above = std::upper_bound(edges_.begin(), edges_.end(), pixel.radial);
    out.push_back({static_cast<std::uint32_t>(above - edges_.begin() - 1), 1});
}

void ExactBins::share_interval(double low, double high, std::vector<BinShare>& out) const {
    for_exact_parts(edges_, low, high, [&](std::size_t bin, double part) { out.push_back(bin_share(bin, part)); });
}

void ExactBins::share_bbox(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    double const half = half_width(pixel);
    share_interval(pixel.radial - half, pixel.radial + half, out);
}

void ExactBins::share_full(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    PixelExtent joined = pixel;
    join_corners(joined);
    auto const& r = joined.corner_radial;
    auto const& chi = joined.corner_chi;
    auto const [chi_low, chi_high] = std::minmax_element(chi.begin(), chi.end());
    auto const [lowest, highest] = std::minmax_element(r.begin(), r.end());
    double const low = *lowest, high = *highest;
    double whole = 0;
    for_edges(r, chi, [&](double x1, double y1, double x2, double y2) { whole += area_under(x1, y1, x2, y2, low, high); });
    if (*chi_high - *chi_low > pi || whole == 0) return share_bbox(pixel, out);
    if (!(high > edges_.front()) || !(low < edges_.back())) return;
    auto const above = std::upper_bound(edges_.begin(), edges_.end(), std::max(low, edges_.front()));
    for (auto bin = static_cast<std::size_t>(above - edges_.begin()) - 1; bin + 1 < edges_.size() && edges_[bin] < high; ++bin) {
        double area = 0;
        for_edges(r, chi,
                  [&](double x1, double y1, double x2, double y2) { area += area_under(x1, y1, x2, y2, edges_[bin], edges_[bin + 1]); });
        if (double const part = area / whole; part > 0) out.push_back({static_cast<std::uint32_t>(bin), static_cast<float>(part)});
    }
}

void PyfaiBins::share_centre(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    double const at = std::trunc(position(pixel.radial));
    if (at >= 0 && at < static_cast<double>(bins_)) out.push_back({static_cast<std::uint32_t>(at), 1});
}

void PyfaiBins::share_bbox(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    double const half = half_width(pixel), from = position(pixel.radial - half), to = position(pixel.radial + half);
    for_pyfai_parts(from, to, bins_, [&](std::size_t bin, double part) { out.push_back(bin_share(bin, part)); });
}

void PyfaiBins::share_full(PixelExtent const& pixel, std::vector<BinShare>& out) const {
    std::array<double, 4> at;
    for (std::size_t i = 0; i < 4; ++i) at[i] = position(pixel.corner_radial[i]);
    auto const [low, high] = std::minmax_element(at.begin(), at.end());
    if (*high < 0 || *low >= static_cast<double>(bins_)) return;
    double const first = std::floor(*low), last = std::floor(*high);
    if (first == last) return out.push_back({static_cast<std::uint32_t>(first), 1});
    auto const begin = static_cast<std::size_t>(std::max(first, 0.0));
    auto const end = static_cast<std::size_t>(std::min(last + 1, static_cast<double>(bins_)));
    std::vector<float> areas(end - begin);
    double whole = 0;
    for_edges(at, pixel.corner_chi, [&](double x1, double y1, double x2, double y2) {
        for (std::size_t bin = begin; bin < end; ++bin) {
            auto const edge = static_cast<double>(bin);
            float& sum = areas[bin - begin];
            sum = static_cast<float>(sum + area_under(x1, y1, x2, y2, edge, edge + 1));
        }
    });
    for (float const area : areas) whole += static_cast<double>(area);
    if (whole == 0) return;
    for (std::size_t bin = begin; bin < end; ++bin)
        out.push_back({static_cast<std::uint32_t>(bin), static_cast<float>(static_cast<double>(areas[bin - begin]) / whole)});
}

} // namespace sqd
