// Sums over the pixels of one bin.
#pragma once

#include "pipeline/reduce/integration_config.hpp"
#include "pipeline/reduce/pixel_terms.hpp"
#include "pipeline/reduce/share_matrix.hpp"

#include <cstddef>
#include <cstdint>

namespace sqd {

/// A pixel that takes part in a bin: c = its share, of s = its signal, v = its variance and n = its norm.
struct RingPart {
    double signal, variance, norm, share; ///< c s, c^2 v, c n, c
    double common;                        ///< c c' v, c' = its share in the next bin
    double value;                         ///< s / n
    std::uint32_t pixel;
};

struct RingMoments {
    double signal = 0, variance = 0, norm = 0, norm2 = 0, count = 0, common = 0; ///< as in RingSums
    double mean() const { return signal / norm; }
    void add(RingPart const& part) {
        signal += part.signal;
        norm += part.norm;
        norm2 += part.norm * part.norm;
        count += part.share;
        common += part.common;
    }
};

/// Calls `each(RingPart)` for the pixels of a bin that take part, in the order of the image.
template <class Each>
void for_parts(ShareMatrix const& shares, std::size_t bin, PixelTerms const& terms, Each const& each) {
    bool const has_next = !shares.next.empty(), has_rest = !shares.rest.empty();
    for (std::size_t i = shares.first[bin]; i < shares.first[bin + 1]; ++i) {
        auto const [pixel, single] = shares.parts[i];
        auto const term = terms(pixel);
        if (!(term.norm > 0)) continue;
        double const share = static_cast<double>(single) + (has_rest ? static_cast<double>(shares.rest[i]) : 0);
        double const common = has_next ? share * static_cast<double>(shares.next[i]) * term.variance : 0;
        each(
            RingPart{share * term.signal, share * share * term.variance, share * term.norm, share, common, term.signal / term.norm, pixel});
    }
}

/// What a part adds to the variance of azimuthal errors, about the mean of the ring.
inline double azimuthal_variance(RingPart const& part, double mean, bool pyfai_0_21) {
    double const apart = part.value - mean;
    return (pyfai_0_21 ? part.norm : part.norm * part.norm) * apart * apart;
}

/// Of parts that `for_each` hands to what it is given, one after another, and the same again when asked again. hybrid counts as azimuthal.
template <class ForEach>
RingMoments moments_of(ForEach const& for_each, ErrorModel model, bool pyfai_0_21) {
    RingMoments out;
    if (model == ErrorModel::poisson) {
        for_each([&out](RingPart const& part) {
            out.add(part);
            out.variance += part.variance;
        });
        return out;
    }
    for_each([&out](RingPart const& part) { out.add(part); });
    double const mean = out.mean();
    for_each([&](RingPart const& part) { out.variance += azimuthal_variance(part, mean, pyfai_0_21); });
    return out;
}

} // namespace sqd
