#include "pipeline/reduce/ring_integration.hpp"

#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_outliers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sqd {

namespace {

/// Without compat a pixel's Poisson variance is its summed counts, and with a dark image what that adds. pyFAI 0.21.3 leaves that out.
std::vector<double> variance_of(PixelSum const& sum) {
    auto out = sum.variance.empty() ? sum.counts : sum.variance;
    for (std::size_t i = 0; i < sum.dark_variance.size(); ++i) out[i] += sum.dark_variance[i];
    return out;
}

/// sum(norm) / sum(norm / P) of each bin.
std::vector<double> mean_polarization(PixelShares const& shares, std::vector<float> const& norm, std::vector<float> const& unpolarized,
                                      FlatField const* flat) {
    std::vector<double> with(shares.axis.size()), without(shares.axis.size());
    for (std::size_t i = 0; i < shares.pixels(); ++i) {
        double const response = flat != nullptr ? flat->response.pixels[i] : 1;
        if (!responds(response)) continue;
        for (auto const& [bin, share] : shares.of(i)) {
            with[bin] += static_cast<double>(share) * static_cast<double>(norm[i]) * response;
            without[bin] += static_cast<double>(share) * static_cast<double>(unpolarized[i]) * response;
        }
    }
    for (std::size_t b = 0; b < with.size(); ++b) with[b] /= without[b]; // an empty bin: not a number
    return with;
}

} // namespace

RingBins ring_bins(Geometry const& geometry, Mask const& mask, Axis const& axis, IntegrationConfig const& config,
                   std::optional<Sensor> const& sensor, double energy_keV, ParallelFor const& parallel_for) {
    IntegrationConfig on_axis = config;
    if (!config.pyfai_compat) on_axis.edges = axis.edges();
    RingBins out{config,
                 mask,
                 share_pixels(geometry, mask, on_axis, parallel_for),
                 pixel_norm(geometry, config, sensor, energy_keV, parallel_for),
                 {}};
    if (!config.polarization_factor) return out;
    IntegrationConfig unpolarized = config;
    unpolarized.polarization_factor.reset();
    out.polarization =
        mean_polarization(out.shares, out.optics, pixel_norm(geometry, unpolarized, sensor, energy_keV, parallel_for), config.flat.get());
    return out;
}

PixelTerms summed_terms(PixelCorrections corrections, Mask const& mask, PixelSum const& sum, std::span<HotPixel const> left_out) {
    corrections.normalization = sum.weight;
    if (!sum.dark.empty()) corrections.dark = DarkImage{sum.dark, {}};
    auto terms = pixel_terms(sum.counts, mask, corrections);
    if (!corrections.pyfai_float32) terms.variance = variance_of(sum);
    for (std::size_t i = 0; i < sum.invalid_frames.size(); ++i)
        terms.norm[i] *= std::max(0.0, 1 - static_cast<double>(sum.invalid_frames[i]) / sum.frames);
    for (auto const& pixel : left_out) terms.norm[pixel.row * mask.cols + pixel.col] = 0;
    return terms;
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

RingPattern integrate_rings(RingBins const& bins, PixelSum const& sum, std::span<HotPixel const> left_out) {
    auto const& config = bins.config;
    PixelTerms const counted = summed_terms(corrections_of(bins), bins.mask, sum, left_out);
    PixelTerms const terms = averaged_terms(counted, config.average);
    RingSums sums;
    switch (config.outliers.method) {
    case Outliers::Method::none: sums = sum_rings(bins.shares, terms, config.error_model, config.pyfai_compat); break;
    case Outliers::Method::sigma_clip:
        sums = clip_rings(bins.shares, terms, config.error_model, config.outliers, config.pyfai_compat).sums;
        break;
    case Outliers::Method::quantile:
        sums = quantile_rings(bins.shares, terms, config.error_model, config.outliers.low, config.outliers.high);
        break;
    }
    if (!config.pyfai_compat && config.error_model != ErrorModel::azimuthal)
        at_least_one_count(sum_rings(bins.shares, counted, ErrorModel::poisson, false).norm, sums);
    auto out = to_ring_pattern(bins.shares, std::move(sums), config.pyfai_compat);
    if (config.split != Split::none) out.correlation = neighbour_correlation(bins.shares, terms);
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
