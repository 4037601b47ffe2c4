#include "pipeline/reduce/ring_integration.hpp"

#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/ring_outliers.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sqd {

namespace {

/// sum(norm) / sum(norm / P) of each bin.
std::vector<double> mean_polarization(ShareMatrix const& shares, std::span<float const> norm, std::span<float const> unpolarized,
                                      FlatField const* flat, ParallelFor const& parallel_for) {
    std::vector<double> out(shares.bins(), std::numeric_limits<double>::quiet_NaN());
    for_bins(shares.first, parallel_for, [&](std::size_t bin) {
        double with = 0, without = 0;
        for (auto const& [pixel, part] : shares.of(bin)) {
            double const response = flat != nullptr ? flat->response.pixels[pixel] : 1;
            if (!responds(response)) continue;
            with += static_cast<double>(part) * static_cast<double>(norm[pixel]) * response;
            without += static_cast<double>(part) * static_cast<double>(unpolarized[pixel]) * response;
        }
        out[bin] = with / without; // of no pixels: not a number
    });
    return out;
}

} // namespace

RingBins ring_bins(Geometry const& geometry, Mask const& mask, Axis const& axis, IntegrationConfig const& config,
                   std::optional<Sensor> const& sensor, double energy_keV, ParallelFor const& parallel_for) {
    IntegrationConfig on_axis = config;
    if (!config.pyfai_compat) on_axis.edges = axis.edges();
    RingBins out{config,
                 geometry.cols,
                 share_pixels(geometry, mask, on_axis, parallel_for),
                 pixel_norm(geometry, config, sensor, energy_keV, parallel_for),
                 {}};
    if (!config.polarization_factor) return out;
    IntegrationConfig unpolarized = config;
    unpolarized.polarization_factor.reset();
    out.polarization = mean_polarization(out.shares, out.optics, pixel_norm(geometry, unpolarized, sensor, energy_keV, parallel_for),
                                         config.flat.get(), parallel_for);
    return out;
}

PixelTerms summed_terms(PixelCorrections corrections, std::size_t cols, PixelSum const& sum, std::span<HotPixel const> left_out) {
    bool const compat = corrections.pyfai_float32;
    corrections.normalization = sum.weight;
    if (!sum.dark.empty()) corrections.dark = DarkImage{sum.dark, compat ? std::span<double const>{} : sum.dark_variance};
    if (!compat) corrections.variance = sum.variance.empty() ? sum.counts : sum.variance;
    corrections.invalid_frames = sum.invalid_frames;
    corrections.frames = sum.frames;
    PixelTerms out(sum.counts, {}, corrections);
    for (auto const& pixel : left_out) out.leave_out(pixel.row * cols + pixel.col);
    return out;
}

PixelCorrections corrections_of(RingBins const& bins) {
    PixelCorrections out{bins.optics, {}, std::nullopt, 1, bins.config.pyfai_compat};
    if (bins.config.flat) out.flat = bins.config.flat->response.pixels;
    return out;
}

void at_least_one_count(std::span<double const> weighted_norm, RingSums& sums) {
    for (std::size_t b = 0; b < sums.signal.size(); ++b) {
        if (!(weighted_norm[b] > 0)) continue;
        double const per_count = sums.norm[b] / weighted_norm[b]; // 1 where the average is weighted and no pixel left out
        sums.variance[b] = std::max(sums.variance[b], per_count * per_count);
    }
}

RingPattern integrate_rings(RingBins const& bins, PixelSum const& sum, std::span<HotPixel const> left_out,
                            ParallelFor const& parallel_for) {
    auto const& config = bins.config;
    PixelTerms const counted = summed_terms(corrections_of(bins), bins.cols, sum, left_out);
    PixelTerms const terms = counted.averaged(config.average);
    RingSums sums;
    switch (config.outliers.method) {
    case Outliers::Method::none: sums = sum_rings(bins.shares, terms, config.error_model, config.pyfai_compat, parallel_for); break;
    case Outliers::Method::sigma_clip:
        sums = clip_rings(bins.shares, terms, config.error_model, config.outliers, config.pyfai_compat, parallel_for).sums;
        break;
    case Outliers::Method::quantile:
        sums = quantile_rings(bins.shares, terms, config.error_model, config.outliers.low, config.outliers.high, parallel_for);
        break;
    }
    std::vector<double> correlation;
    if (config.split != Split::none) {
        bool const at_hand = config.outliers.method == Outliers::Method::none && config.error_model != ErrorModel::azimuthal;
        correlation = neighbour_correlation(at_hand ? sums : sum_rings(bins.shares, terms, ErrorModel::poisson, false, parallel_for));
    }
    if (!config.pyfai_compat && config.error_model != ErrorModel::azimuthal) {
        bool const weighted = config.average == Average::weighted && config.outliers.method == Outliers::Method::none;
        at_least_one_count(weighted ? sums.norm : norm_of_rings(bins.shares, counted, parallel_for), sums);
    }
    auto out = to_ring_pattern(bins.shares, std::move(sums), config.pyfai_compat);
    out.correlation = std::move(correlation);
    return out;
}

Pattern1D to_pattern(RingPattern const& rings, Geometry const& geometry, std::vector<double> const& polarization) {
    Pattern1D out{rings.unit,
                  rings.axis.centres(),
                  centres_invA(rings.axis, rings.unit, geometry),
                  rings.intensity,
                  rings.sem,
                  rings.sums.count,
                  polarization,
                  rings.sums.signal,
                  rings.sums.norm,
                  rings.axis.edges()};
    out.pixel_std = rings.std;
    out.correlation = rings.correlation;
    if (!out.correlation.empty()) out.correlation.push_back(0);
    return out;
}

} // namespace sqd
