#include "pipeline/reduce/pixel_shares.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/pixel_lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace sqd {

namespace {

constexpr double one_plus_eps32 = 1 + 0x1p-23; ///< pyFAI's factor on the upper end, so that the last pixel is inside
constexpr double pi = std::numbers::pi;

void check(Geometry const& g, Mask const& mask, IntegrationConfig const& config) {
    if (mask.rows != g.rows || mask.cols != g.cols)
        throw DataError("mask of " + std::to_string(mask.rows) + " x " + std::to_string(mask.cols) + " pixels for a detector of " +
                        std::to_string(g.rows) + " x " + std::to_string(g.cols) + " (shapes must agree) use the mask of this detector");
    if (config.npt == 0 && config.edges.empty()) throw DataError("npt is 0 (there would be no bin) ask for at least one");
    if (config.pyfai_compat && (!config.edges.empty() || config.log_spacing))
        throw DataError("compat: pyfai with edges (pyFAI 0.21.3 has uniform bins only) leave out one of the two");
    if (config.log_spacing && !(config.radial_range && config.radial_range->first > 0))
        throw DataError("logarithmic bins without a range above 0 (they cannot begin at 0) write radial_range");
}

/// Calls `each(pixel index, extent)` for the unmasked pixels of rows [begin, end).
template <class Each>
void for_pixels(PixelLines const& lines, Mask const& mask, std::size_t begin, std::size_t end, bool corners_needed, Each const& each) {
    PointLine centres;
    CornerWindow window(lines, corners_needed ? begin : 0);
    for (std::size_t row = begin; row < end; ++row) {
        lines.centres(row, centres);
        for (std::size_t col = 0; col < lines.cols(); ++col) {
            std::size_t const pixel = row * lines.cols() + col;
            if (mask.pixels[pixel] != 0) continue;
            PixelExtent extent{};
            extent.radial = centres.radial[col];
            extent.chi = centres.chi[col];
            if (corners_needed) {
                auto const& [r0, chi0] = window.above();
                auto const& [r1, chi1] = window.below();
                extent.corner_radial = {r0[col], r1[col], r1[col + 1], r0[col + 1]};
                extent.corner_chi = {chi0[col], chi1[col], chi1[col + 1], chi0[col + 1]};
            }
            each(pixel, extent);
        }
        if (corners_needed && window.has_next()) window.advance();
    }
}

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = 0;
};

Range range_of(PixelExtent const& pixel, Split split) {
    if (split == Split::none) return {pixel.radial, pixel.radial};
    if (split == Split::bbox) return {pixel.radial - half_width(pixel), pixel.radial + half_width(pixel)};
    auto const [low, high] = std::minmax_element(pixel.corner_radial.begin(), pixel.corner_radial.end());
    return {*low, *high};
}

Range range_of_pixels(PixelLines const& lines, Mask const& mask, Split split, ParallelFor const& parallel_for) {
    std::vector<Range> parts(lines.rows());
    parallel_for(lines.rows(), [&](std::size_t begin, std::size_t end, std::size_t slot) {
        for_pixels(lines, mask, begin, end, split != Split::none, [&](std::size_t, PixelExtent const& pixel) {
            auto const [low, high] = range_of(pixel, split);
            parts[slot].low = std::min(parts[slot].low, low);
            parts[slot].high = std::max(parts[slot].high, high);
        });
    });
    Range out;
    for (auto const& part : parts) {
        out.low = std::min(out.low, part.low);
        out.high = std::max(out.high, part.high);
    }
    if (!(out.low <= out.high)) throw DataError("no pixel is left (the mask excludes all of them) check the mask");
    return {std::max(out.low, 0.0), out.high * one_plus_eps32};
}

/// Of the coordinate that is binned.
Range binned_range(PixelLines const& lines, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    if (!config.radial_range) return range_of_pixels(lines, mask, config.split, parallel_for);
    double const scale = unit_scale(config.unit);
    Range out{config.radial_range->first / scale, config.radial_range->second / scale};
    if (config.pyfai_compat) out = {std::max(out.low, 0.0), out.high * one_plus_eps32};
    return out;
}

Axis make_axis(IntegrationConfig const& config, Range const& range) {
    double const scale = unit_scale(config.unit);
    if (!config.edges.empty()) return Axis(config.edges);
    if (config.radial_range && !config.pyfai_compat && !config.log_spacing)
        return Axis::uniform(config.radial_range->first, config.radial_range->second, config.npt);
    if (!config.log_spacing) return Axis::uniform(range.low * scale, range.high * scale, config.npt);
    auto const [low, high] = *config.radial_range;
    std::vector<double> edges(config.npt + 1);
    for (std::size_t i = 0; i < edges.size(); ++i)
        edges[i] = low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(config.npt));
    edges.back() = high;
    return Axis(std::move(edges));
}

/// Tells whether a pixel lies in the sector. Exactly: its centre does, counted up from the sector's begin, so that a pixel is in one of
/// several sectors that join. As pyFAI: any part of it does (bbox: of its extent around the centre), and sectors do not cross +-180
/// degrees.
class Sector {
public:
    explicit Sector(IntegrationConfig const& config) : split_(config.split), exact_(!config.pyfai_compat) {
        if (!config.azimuth_range_deg) return;
        all_ = false;
        low_ = config.azimuth_range_deg->first * pi / 180;
        high_ = config.azimuth_range_deg->second * pi / 180;
        if (high_ <= low_) high_ += 2 * pi;
    }
    bool limits() const { return !all_; }
    bool operator()(PixelExtent const& pixel) const {
        if (all_) return true;
        if (exact_) {
            double const from = std::fmod(pixel.chi - low_ + 4 * pi, 2 * pi);
            return high_ - low_ >= 2 * pi || from < high_ - low_;
        }
        if (split_ == Split::none) return pixel.chi >= low_ && pixel.chi <= high_;
        if (split_ == Split::bbox) {
            double const half = half_opening_rad(pixel);
            return !(pixel.chi + half < low_ || pixel.chi - half > high_);
        }
        auto const [first, last] = std::minmax_element(pixel.corner_chi.begin(), pixel.corner_chi.end());
        return !(*last < low_ || *first > high_);
    }

private:
    Split split_;
    bool exact_, all_ = true;
    double low_ = 0, high_ = 0;
};

template <class Bins>
void share(Bins const& bins, Split split, PixelExtent const& pixel, std::vector<BinShare>& out) {
    switch (split) {
    case Split::none: return bins.share_centre(pixel, out);
    case Split::bbox: return bins.share_bbox(pixel, out);
    case Split::full: return bins.share_full(pixel, out);
    }
}

/// The entries of some rows.
struct Part {
    std::vector<std::size_t> entries_per_pixel;
    std::vector<BinShare> entries;
};

template <class Bins>
std::vector<Part> share_rows(PixelLines const& lines, Mask const& mask, IntegrationConfig const& config, Bins const& bins,
                             ParallelFor const& parallel_for) {
    Sector const in_sector(config);
    bool const corners = config.split != Split::none;
    std::vector<Part> parts(lines.rows());
    parallel_for(lines.rows(), [&](std::size_t begin, std::size_t end, std::size_t slot) {
        auto& part = parts[slot];
        part.entries_per_pixel.assign((end - begin) * lines.cols(), 0);
        for_pixels(lines, mask, begin, end, corners, [&](std::size_t pixel, PixelExtent& extent) {
            if (config.split == Split::full && config.pyfai_compat) join_across_discontinuity(extent);
            if (!in_sector(extent)) return;
            std::size_t const before = part.entries.size();
            share(bins, config.split, extent, part.entries);
            part.entries_per_pixel[pixel - begin * lines.cols()] = part.entries.size() - before;
        });
    });
    return parts;
}

} // namespace

PixelShares share_pixels(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    check(geometry, mask, config);
    PixelLines const lines(geometry, config);
    Range const range = config.edges.empty() ? binned_range(lines, mask, config, parallel_for) : Range{};
    PixelShares out;
    out.unit = config.unit;
    out.axis = make_axis(config, range);
    std::vector<double> edges = out.axis.edges();
    for (double& edge : edges) edge /= unit_scale(config.unit);
    auto const parts = config.pyfai_compat ? share_rows(lines, mask, config, PyfaiBins(range.low, range.high, config.npt), parallel_for)
                                           : share_rows(lines, mask, config, ExactBins(edges), parallel_for);
    out.first.reserve(geometry.rows * geometry.cols + 1);
    out.first.push_back(0);
    for (auto const& part : parts) {
        for (auto const count : part.entries_per_pixel) out.first.push_back(out.first.back() + count);
        out.entries.insert(out.entries.end(), part.entries.begin(), part.entries.end());
    }
    if (out.entries.empty())
        throw DataError("no pixel is left in the radial range (all are masked or outside) check range, mask and geometry");
    return out;
}

} // namespace sqd
