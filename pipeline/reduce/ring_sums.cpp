#include "pipeline/reduce/ring_sums.hpp"

#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/ring_moments.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace sqd {

RingSums::RingSums(std::size_t bins) : signal(bins), variance(bins), norm(bins), norm2(bins), count(bins), common(bins) {}

void RingSums::set(std::size_t bin, RingMoments const& moments) {
    signal[bin] = moments.signal;
    variance[bin] = moments.variance;
    norm[bin] = moments.norm;
    norm2[bin] = moments.norm2;
    count[bin] = moments.count;
    common[bin] = moments.common;
}

RingSums sum_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, bool pyfai_0_21, ParallelFor const& parallel_for) {
    RingSums out(shares.bins());
    ErrorModel const counted = model == ErrorModel::hybrid ? ErrorModel::poisson : model;
    for_bins(shares.first, parallel_for, [&](std::size_t bin) {
        out.set(bin, moments_of([&](auto const& each) { for_parts(shares, bin, terms, each); }, counted, pyfai_0_21));
    });
    return out;
}

std::vector<double> norm_of_rings(ShareMatrix const& shares, PixelTerms const& terms, ParallelFor const& parallel_for) {
    std::vector<double> out(shares.bins());
    for_bins(shares.first, parallel_for,
             [&](std::size_t bin) { for_parts(shares, bin, terms, [&](RingPart const& part) { out[bin] += part.norm; }); });
    return out;
}

RingPattern to_ring_pattern(PixelShares const& shares, RingSums sums, bool pyfai_0_21) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> const empty(shares.axis.size(), nan);
    RingPattern out{shares.unit, shares.axis, empty, empty, empty, std::move(sums)};
    for (std::size_t b = 0; b < empty.size(); ++b) {
        if (!(out.sums.norm[b] > 0)) continue;
        out.intensity[b] = out.sums.signal[b] / out.sums.norm[b];
        out.sem[b] = std::sqrt(out.sums.variance[b]) / out.sums.norm[b];
        out.std[b] = std::sqrt(out.sums.variance[b] / (pyfai_0_21 ? out.sums.norm[b] : out.sums.norm2[b]));
    }
    return out;
}

std::vector<double> neighbour_correlation(RingSums const& sums) {
    std::vector<double> out;
    for (std::size_t b = 0; b + 1 < sums.common.size(); ++b)
        out.push_back(sums.common[b] > 0 ? sums.common[b] / std::sqrt(sums.variance[b] * sums.variance[b + 1]) : 0);
    return out;
}

} // namespace sqd
