#include "pipeline/reduce/cell_shares.hpp"

#include "pipeline/reduce/interval_shares.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

constexpr double turn = 2 * std::numbers::pi;

/// What brings `chi` into the turn that begins at `low`.
double turns_to(double chi, double low) {
    return turn * std::ceil((low - chi) / turn);
}

/// Mean of clamp(y, 0, height) along the straight line from a to b.
double mean_clamped(double a, double b, double height) {
    auto const [low, high] = std::minmax(a, b);
    double const from = std::clamp(low, 0.0, height), to = std::clamp(high, 0.0, height);
    if (low == high) return from;
    double const above = std::max(0.0, high - std::max(low, height));
    return ((to - from) * 0.5 * (from + to) + above * height) / (high - low);
}

struct Box {
    double x0, x1, y0, y1;
};

/// Area of the quadrangle inside the box, signed by its direction: the sum over edges of the integral of y - y0, cut to [0, y1 - y0],
/// over their parts in [x0, x1].
double area_inside(std::array<double, 4> const& x, std::array<double, 4> const& y, double y_moved, Box const& box) {
    double area = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        std::size_t const j = (i + 1) % 4;
        double const from = std::clamp(x[i], box.x0, box.x1), to = std::clamp(x[j], box.x0, box.x1);
        if (from == to) continue;
        double const slope = (y[j] - y[i]) / (x[j] - x[i]), level = y[i] + y_moved - box.y0;
        area += (to - from) * mean_clamped(level + slope * (from - x[i]), level + slope * (to - x[i]), box.y1 - box.y0);
    }
    return area;
}

/// Index of the bin that holds `value`, or of the first one where it is below.
std::size_t first_bin(std::vector<double> const& edges, double value) {
    auto const above = std::upper_bound(edges.begin(), edges.end(), std::max(value, edges.front()));
    return static_cast<std::size_t>(above - edges.begin()) - 1;
}

} // namespace

void ExactCells::operator()(Split split, PixelExtent const& pixel, std::vector<CellShare>& out) const {
    out.clear();
    split == Split::full ? share_full(pixel, out) : share_bbox(pixel, out);
}

void ExactCells::share_bbox(PixelExtent const& pixel, std::vector<CellShare>& out) const {
    double const half = half_width(pixel), opening = half_opening_rad(pixel);
    double const begin = pixel.chi - opening + turns_to(pixel.chi - opening, chi_.front());
    for_exact_parts(radial_, pixel.radial - half, pixel.radial + half, [&](std::size_t radial, double part) {
        auto const add = [&](std::size_t azimuth, double chi_part) { out.push_back({radial, azimuth, part * chi_part}); };
        for (double const from : {begin, begin - turn}) for_exact_parts(chi_, from, from + 2 * opening, add);
    });
}

void ExactCells::share_full(PixelExtent const& pixel, std::vector<CellShare>& out) const {
    PixelExtent joined = pixel;
    join_corners(joined);
    auto const [low, high] = std::minmax_element(joined.corner_chi.begin(), joined.corner_chi.end());
    auto const [near, far] = std::minmax_element(joined.corner_radial.begin(), joined.corner_radial.end());
    double const whole = area_inside(joined.corner_radial, joined.corner_chi, 0, {*near, *far, *low, *high});
    if (*high - *low > std::numbers::pi || whole == 0) return share_bbox(pixel, out);
    double const turned = turns_to(*low, chi_.front());
    add_quadrangle(joined, turned, whole, out);
    if (*high + turned > chi_.front() + turn) add_quadrangle(joined, turned - turn, whole, out);
}

void ExactCells::add_quadrangle(PixelExtent const& pixel, double turned, double whole, std::vector<CellShare>& out) const {
    auto const& r = pixel.corner_radial;
    auto const& chi = pixel.corner_chi;
    auto const [near, far] = std::minmax_element(r.begin(), r.end());
    auto const [low, high] = std::minmax_element(chi.begin(), chi.end());
    if (!(*far > radial_.front()) || !(*near < radial_.back()) || !(*high + turned > chi_.front()) || !(*low + turned < chi_.back()))
        return;
    for (std::size_t i = first_bin(radial_, *near); i + 1 < radial_.size() && radial_[i] < *far; ++i) {
        for (std::size_t k = first_bin(chi_, *low + turned); k + 1 < chi_.size() && chi_[k] < *high + turned; ++k) {
            double const part = area_inside(r, chi, turned, {radial_[i], radial_[i + 1], chi_[k], chi_[k + 1]}) / whole;
            if (part > 0) out.push_back({i, k, part});
        }
    }
}

void PyfaiCells::share_bbox(PixelExtent const& pixel, std::vector<CellShare>& out) const {
    out.clear();
    double const half = half_width(pixel), opening = half_opening_rad(pixel);
    for_pyfai_parts(radial_.position(pixel.radial - half), radial_.position(pixel.radial + half), radial_.bins,
                    [&](std::size_t radial, double part) {
                        for_pyfai_parts(chi_.position(pixel.chi - opening), chi_.position(pixel.chi + opening), chi_.bins,
                                        [&](std::size_t azimuth, double chi_part) {
                                            out.push_back({radial, azimuth, part * chi_part});
                                        });
                    });
}

} // namespace sqd
