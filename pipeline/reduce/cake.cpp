#include "pipeline/reduce/cake.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/azimuth_sector.hpp"
#include "pipeline/reduce/cell_shares.hpp"
#include "pipeline/reduce/pixel_optics.hpp"
#include "pipeline/reduce/pixel_sweep.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>
#include <utility>

namespace sqd {

namespace {

constexpr double pi = std::numbers::pi, degree = pi / 180;

struct ChiRange {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity(); ///< rad
};

ChiRange asked_chi(std::pair<double, double> const& range_deg) {
    ChiRange out{range_deg.first * degree, range_deg.second * degree};
    if (out.high <= out.low) out.high += 2 * pi;
    return out;
}

double upper_bound_of(double value) {
    return value > 0 ? value * one_plus_eps32 : value / one_plus_eps32;
}

ChiRange chi_of(PixelExtent const& pixel, Split split) {
    double const half = split == Split::bbox ? half_opening_rad(pixel) : 0;
    if (split != Split::full) return {pixel.chi - half, pixel.chi + half};
    PixelExtent joined = pixel;
    join_corners(joined);
    auto const [low, high] = std::minmax_element(joined.corner_chi.begin(), joined.corner_chi.end());
    return {*low, *high};
}

/// From the lowest to the highest azimuth of a pixel, within -180 and 180 degrees (in single precision with compat).
ChiRange chi_of_pixels(PixelLines const& lines, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    std::vector<ChiRange> parts(lines.rows());
    parallel_for(lines.rows(), [&](std::size_t begin, std::size_t end, std::size_t slot) {
        for_pixels(lines, mask, begin, end, config.split != Split::none, [&](std::size_t, PixelExtent const& pixel) {
            auto const [low, high] = chi_of(pixel, config.split);
            parts[slot] = {std::min(parts[slot].low, low), std::max(parts[slot].high, high)};
        });
    });
    ChiRange out;
    for (auto const& part : parts) out = {std::min(out.low, part.low), std::max(out.high, part.high)};
    if (!(out.low <= out.high)) throw DataError("no pixel is left (the mask excludes all of them) check the mask");
    double const end = config.pyfai_compat ? static_cast<double>(static_cast<float>(pi)) : pi;
    return {std::max(out.low, -end), std::min(out.high, end)};
}

void check(IntegrationConfig const& integration) {
    CakeConfig const& config = *integration.cake;
    std::ostringstream problem;
    if (integration.pyfai_compat && integration.split == Split::full) {
        problem
            << "a cake with compat: pyfai and split: full (pyFAI 0.21.3 shares pixels in two dimensions by other numbers than their areas) "
               "leave out one of the three";
    } else if (config.npt_azim == 0 || config.npt_azim > most_bins) {
        problem << "npt_azim is " << config.npt_azim << " (bins are numbered in 16 bits) use 1 to " << most_bins;
    } else if (auto const& range = config.azimuth_range_deg;
               range && (range->first == range->second || std::abs(range->second - range->first) > 360)) {
        problem << "azimuth range " << range->first << " to " << range->second
                << " of the cake is empty or more than a turn (a pixel is in one cell) write at most 360 degrees";
    }
    if (!problem.str().empty()) throw DataError(problem.str());
}

/// Azimuthal bin of every pixel's centre; without compat azimuth is counted on from the beginning of the range.
std::vector<std::uint16_t> azimuth_of_pixels(PixelLines const& lines, Mask const& mask, CakeBins const& bins, bool pyfai_compat,
                                             ParallelFor const& parallel_for) {
    std::size_t const n = bins.chi_deg.size();
    double const low = bins.chi_low_rad, width = (bins.chi_high_rad - low) / static_cast<double>(n);
    bool const whole_turn = !pyfai_compat && bins.chi_high_rad - low >= 2 * pi;
    std::vector<std::uint16_t> out(mask.size(), static_cast<std::uint16_t>(n));
    parallel_for(lines.rows(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for_pixels(lines, mask, begin, end, false, [&](std::size_t pixel, PixelExtent const& extent) {
            double const turned = pyfai_compat ? 0 : 2 * pi * std::ceil((low - extent.chi) / (2 * pi));
            double at = std::trunc((extent.chi + turned - low) / width);
            if (whole_turn) at = std::min(at, static_cast<double>(n - 1)); // rounded up from just before the end
            if (at >= 0 && at < static_cast<double>(n)) out[pixel] = static_cast<std::uint16_t>(at);
        });
    });
    return out;
}

Axis const& radial_axis_of(BinMap const& bins) {
    return bins.rings ? bins.rings->shares.axis : bins.axis;
}

/// Calls `each(pixel, radial bin, azimuthal bin)` for the pixels of the pattern, by their centres.
template <class Each>
void for_whole_pixels(BinMap const& bins, Each const& each) {
    auto const& azimuth = bins.cake->azimuth;
    for (std::size_t pixel = 0; pixel < bins.pixels(); ++pixel) {
        if (azimuth[pixel] == bins.cake->chi_deg.size()) continue;
        if (!bins.rings) {
            if (bins.bin[pixel] != bins.axis.size()) each(pixel, std::size_t{bins.bin[pixel]}, std::size_t{azimuth[pixel]});
        } else if (auto const entries = bins.rings->shares.of(pixel); !entries.empty()) {
            each(pixel, std::size_t{entries.front().bin}, std::size_t{azimuth[pixel]});
        }
    }
}

/// Calls `each(pixel, cell)` for all parts of the pixels of the pattern.
template <class Each>
void for_split_pixels(BinMap const& bins, Each const& each) {
    RingBins const& rings = *bins.rings;
    IntegrationConfig const& config = rings.config;
    auto const radial = binned_edges(rings.shares.axis, config.unit);
    std::vector<double> chi = bins.cake->chi_deg.edges();
    for (double& edge : chi) edge *= degree;
    ExactCells const exact(radial, chi);
    PyfaiCells const pyfai({radial.front(), radial.back(), radial.size() - 1},
                           {bins.cake->chi_low_rad, bins.cake->chi_high_rad, chi.size() - 1});
    AzimuthSector const in_sector(config);
    PixelLines const lines(bins.geometry, config);
    std::vector<CellShare> cells;
    for_pixels(lines, rings.mask, 0, lines.rows(), true, [&](std::size_t pixel, PixelExtent const& extent) {
        if (!in_sector(extent)) return;
        config.pyfai_compat ? pyfai.share_bbox(extent, cells) : exact(config.split, extent, cells);
        for (CellShare const& cell : cells) each(pixel, cell);
    });
}

/// Sums per cell, a row per azimuth.
RingSums sum_cells(BinMap const& bins, PixelTerms const& terms) {
    std::size_t const radial = radial_axis_of(bins).size();
    std::vector<double> const zeros(radial * bins.cake->chi_deg.size());
    RingSums sums{zeros, zeros, zeros, zeros, zeros};
    auto const add = [&](std::size_t pixel, CellShare const& cell) {
        if (!(terms.norm[pixel] > 0)) return;
        std::size_t const at = cell.azimuth * radial + cell.radial;
        double const weight = cell.share * terms.norm[pixel];
        sums.signal[at] += cell.share * terms.signal[pixel];
        sums.variance[at] += cell.share * cell.share * terms.variance[pixel];
        sums.norm[at] += weight;
        sums.norm2[at] += weight * weight;
        sums.count[at] += cell.share;
    };
    if (bins.cake->azimuth.empty())
        for_split_pixels(bins, add);
    else
        for_whole_pixels(bins, [&](std::size_t pixel, std::size_t r, std::size_t a) { add(pixel, {r, a, 1}); });
    return sums;
}

Image<double> image_of(std::size_t rows, std::size_t cols, std::vector<double> values) {
    Image<double> out;
    out.rows = rows;
    out.cols = cols;
    out.pixels = std::move(values);
    return out;
}

} // namespace

CakeBins cake_bins(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    CakeConfig const& cake = *config.cake;
    check(config);
    PixelLines const lines(geometry, config);
    auto const& asked = cake.azimuth_range_deg;
    ChiRange range = asked ? asked_chi(*asked) : chi_of_pixels(lines, mask, config, parallel_for);
    bool const exactly = asked && !config.pyfai_compat;
    if (config.pyfai_compat || (!asked && config.split == Split::none)) range.high = upper_bound_of(range.high);
    if (!config.pyfai_compat) range.high = std::min(range.high, range.low + 2 * pi);
    CakeBins out{Axis::uniform(exactly ? asked->first : range.low / degree,
                               exactly ? asked->second + (asked->second <= asked->first ? 360 : 0) : range.high / degree, cake.npt_azim),
                 range.low,
                 range.high,
                 {}};
    if (config.split == Split::none) out.azimuth = azimuth_of_pixels(lines, mask, out, config.pyfai_compat, parallel_for);
    return out;
}

Cake integrate_cake(BinMap const& bins, PixelSum const& sum, std::span<HotPixel const> left_out) {
    bool const compat = bins.rings && bins.rings->config.pyfai_compat;
    bool const weighted = !bins.rings || bins.rings->config.average == Average::weighted;
    PixelTerms terms =
        bins.rings ? summed_terms(corrections_of(*bins.rings), bins.rings->mask, sum, left_out)
                   : summed_terms({bins.norm, {}, std::nullopt, 1, compat}, Mask(bins.geometry.rows, bins.geometry.cols), sum, left_out);
    if (compat) terms.variance = sum.counts; // in two dimensions pyFAI 0.21.3 has no max(1, counts)
    std::vector<double> const unaveraged = weighted ? std::vector<double>{} : sum_cells(bins, terms).norm;
    if (!weighted) terms = averaged_terms(std::move(terms), Average::unweighted);
    RingSums sums = sum_cells(bins, terms);
    if (!compat) at_least_one_count(weighted ? sums.norm : unaveraged, sums);
    std::size_t const rows = bins.cake->chi_deg.size(), cols = radial_axis_of(bins).size();
    Cake out{bins.unit, radial_axis_of(bins), bins.cake->chi_deg, {}, {}, {}, {}};
    out.intensity = out.sigma = Image<double>(rows, cols, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < sums.norm.size(); ++i) {
        if (!(sums.norm[i] > 0)) continue;
        out.intensity.pixels[i] = sums.signal[i] / sums.norm[i];
        out.sigma.pixels[i] = std::sqrt(sums.variance[i]) / sums.norm[i];
    }
    out.norm = image_of(rows, cols, std::move(sums.norm));
    out.count = image_of(rows, cols, std::move(sums.count));
    return out;
}

} // namespace sqd
