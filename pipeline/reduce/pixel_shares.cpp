#include "pipeline/reduce/pixel_shares.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/azimuth_sector.hpp"
#include "pipeline/reduce/pixel_lines.hpp"
#include "pipeline/reduce/pixel_sweep.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace sqd {

namespace {

void check(Geometry const& g, Mask const& mask) {
    if (mask.rows == g.rows && mask.cols == g.cols) return;
    throw DataError("mask of " + std::to_string(mask.rows) + " x " + std::to_string(mask.cols) + " pixels for a detector of " +
                    std::to_string(g.rows) + " x " + std::to_string(g.cols) + " (shapes must agree) use the mask of this detector");
}

RadialRange range_of(PixelExtent const& pixel, Split split) {
    if (split == Split::none) return {pixel.radial, pixel.radial};
    if (split == Split::bbox) return {pixel.radial - half_width(pixel), pixel.radial + half_width(pixel)};
    auto const [low, high] = std::minmax_element(pixel.corner_radial.begin(), pixel.corner_radial.end());
    return {*low, *high};
}

RadialRange range_of_pixels(PixelLines const& lines, Mask const& mask, Split split, ParallelFor const& parallel_for) {
    std::vector<RadialRange> parts(lines.rows());
    parallel_for(lines.rows(), [&](std::size_t begin, std::size_t end, std::size_t slot) {
        for_pixels(lines, mask, begin, end, {.corners = split != Split::none}, [&](std::size_t, PixelExtent const& pixel) {
            auto const [low, high] = range_of(pixel, split);
            parts[slot].low = std::min(parts[slot].low, low);
            parts[slot].high = std::max(parts[slot].high, high);
        });
    });
    RadialRange out;
    for (auto const& part : parts) {
        out.low = std::min(out.low, part.low);
        out.high = std::max(out.high, part.high);
    }
    if (!(out.low <= out.high)) throw DataError("no pixel is left (the mask excludes all of them) check the mask");
    return {std::max(out.low, 0.0), out.high * one_plus_eps32};
}

/// Of the coordinate that is binned.
RadialRange binned_range(PixelLines const& lines, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    return config.radial_range ? asked_range(config) : range_of_pixels(lines, mask, config.split, parallel_for);
}

template <class Bins>
void share(Bins const& bins, Split split, PixelExtent const& pixel, std::vector<BinShare>& out) {
    switch (split) {
    case Split::none: return bins.share_centre(pixel, out);
    case Split::bbox: return bins.share_bbox(pixel, out);
    case Split::full: return bins.share_full(pixel, out);
    }
}

template <class Bins>
ShareMatrix share_rows(PixelLines const& lines, Mask const& mask, IntegrationConfig const& config, std::size_t npt, Bins const& bins,
                       ParallelFor const& parallel_for) {
    AzimuthSector const in_sector(config);
    bool const sector = config.azimuth_range_deg.has_value(), splits = config.split != Split::none, full = config.split == Split::full;
    ExtentNeeds const needs{splits, sector, full || (splits && sector)};
    auto const find = [&](std::size_t begin, std::size_t end, FoundParts& out) {
        std::vector<BinShare> shares;
        for_pixels(lines, mask, begin, end, needs, [&](std::size_t pixel, PixelExtent& extent) {
            if (full && config.pyfai_compat) join_across_discontinuity(extent);
            if (!in_sector(extent)) return;
            shares.clear();
            share(bins, config.split, extent, shares);
            for (auto const& [bin, part] : shares) out.push_back({static_cast<std::uint32_t>(pixel), bin, static_cast<double>(part)});
        });
    };
    return share_matrix(lines.rows(), lines.cols(), npt, splits ? Beside::next : Beside::nothing, find, parallel_for);
}

} // namespace

PixelShares share_pixels(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    check(geometry, mask);
    check_axis(config);
    PixelLines const lines(geometry, config);
    RadialRange const range = config.edges.empty() ? binned_range(lines, mask, config, parallel_for) : RadialRange{};
    Axis const axis = radial_axis(config, range);
    auto const edges = binned_edges(axis, config.unit);
    auto const share_among = [&](auto const& bins) { return share_rows(lines, mask, config, axis.size(), bins, parallel_for); };
    PixelShares out{config.pyfai_compat ? share_among(PyfaiBins(range.low, range.high, config.npt)) : share_among(ExactBins(edges)), axis,
                    config.unit};
    if (out.parts.empty())
        throw DataError("no pixel is left in the radial range (all are masked or outside) check range, mask and geometry");
    return out;
}

} // namespace sqd
