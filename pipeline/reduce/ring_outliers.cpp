#include "pipeline/reduce/ring_outliers.hpp"

#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/ring_moments.hpp"
#include "pipeline/reduce/trimmed_mean.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace sqd {

namespace {

using Parts = std::vector<RingPart>;

/// Replaces `out`: who goes over a ring several times has its parts side by side.
void gather(ShareMatrix const& rings, std::size_t bin, PixelTerms const& terms, Parts& out) {
    out.clear();
    for_parts(rings, bin, terms, [&out](RingPart const& part) { out.push_back(part); });
}

RingMoments moments_of(Parts const& parts, ErrorModel model, bool pyfai_0_21) {
    return moments_of([&parts](auto const& each) { std::ranges::for_each(parts, each); }, model, pyfai_0_21);
}

/// The pixels of a ring beyond the cut.
std::vector<std::uint32_t> beyond(Parts const& ring, ErrorModel model, double threshold, bool pyfai_0_21) {
    auto const moments = moments_of(ring, model, pyfai_0_21);
    if (!(moments.norm > 0)) return {};
    double const std = std::sqrt(moments.variance / (pyfai_0_21 ? moments.norm : moments.norm2));
    double const chauvenet = std::sqrt(2 * std::log(std::max(3.0, moments.count) / std::sqrt(2 * std::numbers::pi)));
    double const mean = moments.mean(), cut = std::max(threshold, chauvenet) * std;
    std::vector<std::uint32_t> out;
    for (auto const& part : ring) {
        if (std::abs(part.value - mean) > cut) out.push_back(part.pixel);
    }
    return out;
}

/// Takes pixels out of all rings.
void reject(std::vector<std::uint32_t> const& pixels, PixelTerms& terms, std::vector<std::size_t>& rejected) {
    for (auto const pixel : pixels) {
        if (!(terms(pixel).norm > 0)) continue;
        terms.leave_out(pixel);
        rejected.push_back(pixel);
    }
}

ErrorModel reported(ErrorModel model) {
    return model == ErrorModel::hybrid ? ErrorModel::poisson : model;
}

/// A ring that has lost nothing since it was looked at last has nobody beyond its cut.
ClippedRings clip_in_step(ShareMatrix const& rings, PixelTerms left, ErrorModel model, Outliers const& clip,
                          ParallelFor const& parallel_for) {
    ClippedRings out;
    std::vector<std::uint8_t> changed(rings.bins(), 1);
    for (int round = 0; round < clip.most_rounds; ++round) {
        std::vector<std::vector<std::uint32_t>> found(rings.bins());
        for_bin_ranges(rings.first, parallel_for, [&](std::size_t begin, std::size_t end) {
            Parts parts;
            for (std::size_t bin = begin; bin < end; ++bin) {
                if (changed[bin] == 0) continue;
                gather(rings, bin, left, parts);
                found[bin] = beyond(parts, model, clip.threshold, false);
            }
        });
        std::ranges::fill(changed, 0);
        for (std::size_t b = 0; b < found.size(); ++b) {
            if (found[b].empty()) continue;
            reject(found[b], left, out.rejected);
            std::size_t const reach = rings.most_bins - 1, first = b - std::min(b, reach), last = std::min(b + reach, found.size() - 1);
            std::fill(changed.begin() + static_cast<std::ptrdiff_t>(first), changed.begin() + static_cast<std::ptrdiff_t>(last) + 1, 1);
        }
        if (std::ranges::find(changed, 1) == changed.end()) break;
    }
    out.sums = sum_rings(rings, left, model, false, parallel_for);
    return out;
}

/// A bin knows what those before it rejected, and is reported before those after it reject.
ClippedRings clip_as_pyfai_0_21(ShareMatrix const& rings, PixelTerms left, ErrorModel model, Outliers const& clip) {
    ClippedRings out{RingSums(rings.bins()), {}};
    Parts parts;
    for (std::size_t b = 0; b < rings.bins(); ++b) {
        gather(rings, b, left, parts);
        for (int round = 0; round < clip.most_rounds; ++round) {
            auto const found = beyond(parts, model, clip.threshold, true);
            if (found.empty()) break;
            reject(found, left, out.rejected);
            gather(rings, b, left, parts);
        }
        out.sums.set(b, moments_of(parts, reported(model), true));
    }
    return out;
}

/// Sums of the parts between two quantiles, and what is reported as their variance.
RingMoments between(Parts& ring, double low, double high, double trimmed, ErrorModel model) {
    auto const whole = moments_of(ring, model, false);
    std::ranges::stable_sort(ring, {}, &RingPart::value);
    RingMoments kept;
    double below = 0; // of the ring's norm
    for (auto const& part : ring) {
        double const from = below / whole.norm, to = (below + part.norm) / whole.norm;
        below += part.norm;
        if (to >= low && from <= high) kept.add(part);
    }
    if (kept.norm > 0) kept.variance = trimmed * whole.variance * std::pow(kept.norm / whole.norm, 2);
    return kept;
}

} // namespace

ClippedRings clip_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, Outliers const& clip, bool pyfai_0_21,
                        ParallelFor const& parallel_for) {
    auto out = pyfai_0_21 ? clip_as_pyfai_0_21(shares, terms, model, clip) : clip_in_step(shares, terms, model, clip, parallel_for);
    std::ranges::sort(out.rejected);
    return out;
}

RingSums quantile_rings(ShareMatrix const& shares, PixelTerms const& terms, ErrorModel model, double low, double high,
                        ParallelFor const& parallel_for) {
    double const trimmed = trimmed_mean_variance(low, high);
    RingSums out(shares.bins());
    for_bin_ranges(shares.first, parallel_for, [&](std::size_t begin, std::size_t end) {
        Parts parts;
        for (std::size_t bin = begin; bin < end; ++bin) {
            gather(shares, bin, terms, parts);
            out.set(bin, between(parts, low, high, trimmed, reported(model)));
        }
    });
    return out;
}

} // namespace sqd
