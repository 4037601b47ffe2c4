// Counts over norm, and differences of patterns.
#include "pipeline/reduce/pattern.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace sqd {

namespace {

/// An error of the dark moves sample and background the same way: in the difference it is that of the difference.
double sigma_over_common_dark(Pattern1D const& sample, Pattern1D const& background, double scale, std::size_t b) {
    auto const without = [b](Pattern1D const& p) { return p.sigma[b] * p.sigma[b] - p.dark_sigma[b] * p.dark_sigma[b]; };
    double const dark = sample.dark_sigma[b] - scale * background.dark_sigma[b];
    return std::sqrt(without(sample) + scale * scale * without(background) + dark * dark);
}

/// Of the difference: covariances of neighbours add as variances do.
std::vector<double> correlation_of_difference(Pattern1D const& sample, Pattern1D const& background, double scale, Pattern1D const& out) {
    if (sample.correlation.empty() && background.correlation.empty()) return {};
    std::vector<double> r(out.sigma.size());
    for (std::size_t b = 0; b + 1 < r.size(); ++b) {
        auto const covariance = [b](Pattern1D const& p) {
            return p.correlation.empty() || p.correlation[b] == 0 ? 0 : p.correlation[b] * p.sigma[b] * p.sigma[b + 1];
        };
        double const both = covariance(sample) + scale * scale * covariance(background);
        if (both != 0) r[b] = both / (out.sigma[b] * out.sigma[b + 1]);
    }
    return r;
}

} // namespace

Pattern1D to_pattern(BinMap const& bins, BinnedCounts const& sums) {
    assert(sums.counts.size() == bins.axis.size() && sums.norm.size() == bins.axis.size());
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Pattern1D out{bins.unit,   bins.axis.centres(),   bins.q_invA, {},        {},
                  sums.pixels, bins.bin_polarization, sums.counts, sums.norm, bins.axis.edges()};
    out.intensity.reserve(bins.axis.size());
    out.sigma.reserve(bins.axis.size());
    for (std::size_t b = 0; b < sums.dark.size(); ++b) {
        out.counts[b] -= sums.dark[b];
        out.dark_sigma.push_back(std::sqrt(sums.dark_variance[b]) / sums.norm[b]);
    }
    out.dark_uid = sums.dark_uid;
    for (std::size_t b = 0; b < bins.axis.size(); ++b) {
        bool const seen = sums.norm[b] > 0;
        double variance = sums.variance.empty() ? std::max(sums.counts[b], 1.0) : sums.variance[b];
        if (!sums.dark.empty()) variance += sums.dark_variance[b];
        out.intensity.push_back(seen ? out.counts[b] / sums.norm[b] : nan);
        out.sigma.push_back(seen ? std::sqrt(variance) / sums.norm[b] : nan);
    }
    return out;
}

BinnedCounts integrate_image(BinMap const& bins, std::span<double const> pixels, double frames, double exposure_s, double monitor) {
    assert(pixels.size() == bins.pixels());
    std::size_t const n = bins.axis.size();
    BinnedCounts out{std::vector<double>(n + 1), std::vector<double>(n + 1), std::vector<double>(n + 1), frames};
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (!std::isfinite(pixels[i])) continue;
        out.counts[bins.bin[i]] += pixels[i];
        out.norm[bins.bin[i]] += static_cast<double>(bins.norm[i]);
        out.pixels[bins.bin[i]] += 1;
    }
    out.counts.pop_back();
    out.norm.pop_back();
    out.pixels.pop_back();
    for (double& counts : out.counts) counts *= frames;
    for (double& norm : out.norm) norm *= frames * exposure_s * monitor;
    return out;
}

Pattern1D subtract(Pattern1D const& sample, Pattern1D const& background, double scale) {
    assert(sample.unit == background.unit && sample.radial == background.radial);
    Pattern1D out = sample;
    out.counts.clear();
    out.norm.clear();
    bool const common = !sample.dark_uid.empty() && sample.dark_uid == background.dark_uid;
    out.dark_sigma.clear();
    out.pixel_std.clear(); // of the sample's pixels, not of a difference
    out.dark_uid.clear();
    for (std::size_t b = 0; b < out.intensity.size(); ++b) {
        out.intensity[b] -= scale * background.intensity[b];
        out.background_sigma.push_back(scale * background.sigma[b]);
        out.sigma[b] =
            common ? sigma_over_common_dark(sample, background, scale, b) : std::hypot(sample.sigma[b], scale * background.sigma[b]);
    }
    out.correlation = correlation_of_difference(sample, background, scale, out);
    return out;
}

} // namespace sqd
