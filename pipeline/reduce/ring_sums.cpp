#include "pipeline/reduce/ring_sums.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace sqd {

namespace {

/// Calls `each(pixel, bin, share)` for all that takes part, in the order of pixels.
template <class Each>
void for_shares(PixelShares const& shares, PixelTerms const& terms, Each const& each) {
    for (std::size_t pixel = 0; pixel < shares.pixels(); ++pixel) {
        if (!(terms.norm[pixel] > 0)) continue;
        for (auto const& [bin, share] : shares.of(pixel)) each(pixel, bin, static_cast<double>(share));
    }
}

void add_azimuthal_variance(PixelShares const& shares, PixelTerms const& terms, bool pyfai_0_21, RingSums& sums) {
    for_shares(shares, terms, [&](std::size_t pixel, std::size_t bin, double share) {
        double const weight = share * terms.norm[pixel];
        double const apart = terms.signal[pixel] / terms.norm[pixel] - sums.signal[bin] / sums.norm[bin];
        sums.variance[bin] += (pyfai_0_21 ? weight : weight * weight) * apart * apart;
    });
}

} // namespace

PixelTerms averaged_terms(PixelTerms terms, Average average) {
    if (average == Average::weighted) return terms;
    for (std::size_t i = 0; i < terms.norm.size(); ++i) {
        double& norm = terms.norm[i];
        if (!(norm > 0)) continue;
        terms.signal[i] /= norm;
        terms.variance[i] /= norm * norm;
        norm = 1;
    }
    return terms;
}

RingSums sum_rings(PixelShares const& shares, PixelTerms const& terms, ErrorModel model, bool pyfai_0_21) {
    std::vector<double> const zeros(shares.axis.size());
    RingSums sums{zeros, zeros, zeros, zeros, zeros};
    bool const poisson = model != ErrorModel::azimuthal;
    for_shares(shares, terms, [&](std::size_t pixel, std::size_t bin, double share) {
        double const weight = share * terms.norm[pixel];
        sums.signal[bin] += share * terms.signal[pixel];
        sums.norm[bin] += weight;
        sums.norm2[bin] += weight * weight;
        sums.count[bin] += share;
        if (poisson) sums.variance[bin] += share * share * terms.variance[pixel];
    });
    if (!poisson) add_azimuthal_variance(shares, terms, pyfai_0_21, sums);
    return sums;
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

std::vector<double> neighbour_correlation(PixelShares const& shares, PixelTerms const& terms) {
    std::vector<double> own(shares.axis.size()), common(shares.axis.size());
    for (std::size_t pixel = 0; pixel < shares.pixels(); ++pixel) {
        if (!(terms.norm[pixel] > 0)) continue;
        auto const entries = shares.of(pixel);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            double const share = static_cast<double>(entries[i].share), variance = terms.variance[pixel];
            own[entries[i].bin] += share * share * variance;
            if (i + 1 < entries.size()) common[entries[i].bin] += share * static_cast<double>(entries[i + 1].share) * variance;
        }
    }
    std::vector<double> out;
    for (std::size_t b = 0; b + 1 < own.size(); ++b) out.push_back(common[b] > 0 ? common[b] / std::sqrt(own[b] * own[b + 1]) : 0);
    return out;
}

} // namespace sqd
