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
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace sqd {

namespace {

using std::numbers::pi;
constexpr double degree = pi / 180;

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
        ExtentNeeds const needs{config.split != Split::none, true, config.split != Split::none};
        for_pixels(lines, mask, begin, end, needs, [&](std::size_t, PixelExtent const& pixel) {
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

Axis const& radial_axis_of(BinMap const& bins) {
    return bins.rings ? bins.rings->shares.axis : bins.axis;
}

/// Of pixels that are whole in one; the number of bins for those that take no part.
std::vector<std::uint32_t> radial_bins_of(BinMap const& bins) {
    if (!bins.rings) return {bins.bin.begin(), bins.bin.end()};
    ShareMatrix const& shares = bins.rings->shares;
    std::vector<std::uint32_t> out(bins.pixels(), static_cast<std::uint32_t>(shares.bins()));
    for (std::size_t b = 0; b < shares.bins(); ++b)
        for (auto const& part : shares.of(b)) out[part.pixel] = static_cast<std::uint32_t>(b);
    return out;
}

/// Azimuthal bin of a pixel's centre; without compat azimuth is counted on from the beginning of the range.
class AzimuthBins {
public:
    AzimuthBins(ChiRange const& range, std::size_t bins, bool pyfai_compat)
        : low_(range.low), width_((range.high - range.low) / static_cast<double>(bins)), bins_(static_cast<double>(bins)),
          compat_(pyfai_compat), whole_turn_(!pyfai_compat && range.high - range.low >= 2 * pi) {}
    /// Nothing for azimuths outside.
    std::optional<std::size_t> operator()(double chi) const {
        double const turned = compat_ ? 0 : 2 * pi * std::ceil((low_ - chi) / (2 * pi));
        double at = std::trunc((chi + turned - low_) / width_);
        if (whole_turn_) at = std::min(at, bins_ - 1); // rounded up from just before the end
        return at >= 0 && at < bins_ ? std::optional(static_cast<std::size_t>(at)) : std::nullopt;
    }

private:
    double low_, width_, bins_;
    bool compat_, whole_turn_;
};

FoundPart cell_part(std::size_t pixel, std::size_t radial_bins, CellShare const& cell) {
    return {static_cast<std::uint32_t>(pixel), static_cast<std::uint32_t>(cell.azimuth * radial_bins + cell.radial), cell.share};
}

ShareMatrix whole_pixels(BinMap const& bins, PixelLines const& lines, Mask const& mask, std::size_t azimuths, AzimuthBins const& azimuth_of,
                         ParallelFor const& parallel_for) {
    std::size_t const n = radial_axis_of(bins).size();
    auto const radial = radial_bins_of(bins);
    auto const find = [&](std::size_t begin, std::size_t end, FoundParts& out) {
        for_pixels(lines, mask, begin, end, {.centre_chi = true}, [&](std::size_t pixel, PixelExtent const& extent) {
            if (radial[pixel] == n) return;
            if (auto const azimuth = azimuth_of(extent.chi)) out.push_back(cell_part(pixel, n, {radial[pixel], *azimuth, 1}));
        });
    };
    return share_matrix(lines.rows(), lines.cols(), n * azimuths, Beside::nothing, find, parallel_for);
}

ShareMatrix split_pixels(BinMap const& bins, PixelLines const& lines, Mask const& mask, Axis const& chi_deg, ChiRange const& range,
                         ParallelFor const& parallel_for) {
    IntegrationConfig const& config = bins.rings->config;
    auto const radial = binned_edges(radial_axis_of(bins), config.unit);
    std::vector<double> chi = chi_deg.edges();
    for (double& edge : chi) edge *= degree;
    std::size_t const n = radial.size() - 1;
    ExactCells const exact(radial, chi);
    PyfaiCells const pyfai({radial.front(), radial.back(), n}, {range.low, range.high, chi.size() - 1});
    AzimuthSector const in_sector(config);
    auto const find = [&](std::size_t begin, std::size_t end, FoundParts& out) {
        std::vector<CellShare> cells;
        for_pixels(lines, mask, begin, end, {true, true, true}, [&](std::size_t pixel, PixelExtent const& extent) {
            if (!in_sector(extent)) return;
            config.pyfai_compat ? pyfai.share_bbox(extent, cells) : exact(config.split, extent, cells);
            for (CellShare const& cell : cells) out.push_back(cell_part(pixel, n, cell));
        });
    };
    return share_matrix(lines.rows(), lines.cols(), n * chi_deg.size(), Beside::rest, find, parallel_for);
}

Image<double> image_of(std::size_t rows, std::size_t cols, std::vector<double> values) {
    Image<double> out;
    out.rows = rows;
    out.cols = cols;
    out.pixels = std::move(values);
    return out;
}

} // namespace

CakeBins cake_bins(BinMap const& bins, Mask const& mask, IntegrationConfig const& config, ParallelFor const& parallel_for) {
    CakeConfig const& cake = *config.cake;
    check(config);
    PixelLines const lines(bins.geometry, config);
    auto const& asked = cake.azimuth_range_deg;
    ChiRange range = asked ? asked_chi(*asked) : chi_of_pixels(lines, mask, config, parallel_for);
    bool const exactly = asked && !config.pyfai_compat;
    if (config.pyfai_compat || (!asked && config.split == Split::none)) range.high = upper_bound_of(range.high);
    if (!config.pyfai_compat) range.high = std::min(range.high, range.low + 2 * pi);
    Axis const chi_deg =
        Axis::uniform(exactly ? asked->first : range.low / degree,
                      exactly ? asked->second + (asked->second <= asked->first ? 360 : 0) : range.high / degree, cake.npt_azim);
    if (config.split != Split::none) return {chi_deg, split_pixels(bins, lines, mask, chi_deg, range, parallel_for)};
    AzimuthBins const azimuth_of(range, cake.npt_azim, config.pyfai_compat);
    return {chi_deg, whole_pixels(bins, lines, mask, cake.npt_azim, azimuth_of, parallel_for)};
}

Cake integrate_cake(BinMap const& bins, PixelSum const& sum, std::span<HotPixel const> left_out, ParallelFor const& parallel_for) {
    bool const compat = bins.rings && bins.rings->config.pyfai_compat;
    bool const weighted = !bins.rings || bins.rings->config.average == Average::weighted;
    PixelCorrections corrections = bins.rings ? corrections_of(*bins.rings) : PixelCorrections{.optics = bins.norm};
    if (compat) corrections.variance = sum.counts; // in two dimensions pyFAI 0.21.3 has no max(1, counts)
    PixelTerms const counted = summed_terms(corrections, bins.geometry.cols, sum, left_out);
    ShareMatrix const& cells = bins.cake->cells;
    RingSums sums =
        sum_rings(cells, counted.averaged(weighted ? Average::weighted : Average::unweighted), ErrorModel::poisson, false, parallel_for);
    if (!compat) at_least_one_count(weighted ? sums.norm : norm_of_rings(cells, counted, parallel_for), sums);
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
