#include "pipeline/reduce/ring_outliers.hpp"

#include "pipeline/reduce/trimmed_mean.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <span>

namespace sqd {

namespace {

/// A pixel's part in a bin.
struct Member {
    std::uint32_t pixel;
    float share;
};

/// The shares sorted by bin, within a bin by pixel.
class RingMembers {
public:
    explicit RingMembers(PixelShares const& shares) : first_(shares.axis.size() + 1), members_(shares.entries.size()) {
        for (auto const& entry : shares.entries) ++first_[entry.bin + 1];
        for (std::size_t b = 0; b + 1 < first_.size(); ++b) first_[b + 1] += first_[b];
        auto next = first_;
        for (std::size_t pixel = 0; pixel < shares.pixels(); ++pixel)
            for (auto const& [bin, share] : shares.of(pixel)) members_[next[bin]++] = {static_cast<std::uint32_t>(pixel), share};
    }
    std::size_t bins() const { return first_.size() - 1; }
    std::span<Member const> of(std::size_t bin) const { return std::span(members_).subspan(first_[bin], first_[bin + 1] - first_[bin]); }

private:
    std::vector<std::size_t> first_;
    std::vector<Member> members_;
};

struct RingMoments {
    double signal = 0, variance = 0, norm = 0, norm2 = 0, count = 0;
    double mean() const { return signal / norm; }
};

RingMoments moments_of(std::span<Member const> ring, PixelTerms const& terms, ErrorModel model, bool pyfai_0_21) {
    RingMoments out;
    for (auto const& [pixel, weight] : ring) {
        if (!(terms.norm[pixel] > 0)) continue;
        double const share = static_cast<double>(weight), norm = share * terms.norm[pixel];
        out.signal += share * terms.signal[pixel];
        out.norm += norm;
        out.norm2 += norm * norm;
        out.count += share;
        if (model == ErrorModel::poisson) out.variance += share * share * terms.variance[pixel];
    }
    if (model == ErrorModel::poisson || !(out.norm > 0)) return out;
    for (auto const& [pixel, weight] : ring) {
        if (!(terms.norm[pixel] > 0)) continue;
        double const norm = static_cast<double>(weight) * terms.norm[pixel], apart = terms.signal[pixel] / terms.norm[pixel] - out.mean();
        out.variance += (pyfai_0_21 ? norm : norm * norm) * apart * apart;
    }
    return out;
}

/// The pixels of a ring beyond the cut.
std::vector<std::size_t> beyond(std::span<Member const> ring, PixelTerms const& terms, ErrorModel model, double threshold,
                                bool pyfai_0_21) {
    auto const moments = moments_of(ring, terms, model == ErrorModel::poisson ? model : ErrorModel::azimuthal, pyfai_0_21);
    if (!(moments.norm > 0)) return {};
    double const std = std::sqrt(moments.variance / (pyfai_0_21 ? moments.norm : moments.norm2));
    double const chauvenet = std::sqrt(2 * std::log(std::max(3.0, moments.count) / std::sqrt(2 * std::numbers::pi)));
    double const cut = std::max(threshold, chauvenet) * std;
    std::vector<std::size_t> out;
    for (auto const& member : ring) {
        double const norm = terms.norm[member.pixel];
        if (norm > 0 && std::abs(terms.signal[member.pixel] / norm - moments.mean()) > cut) out.push_back(member.pixel);
    }
    return out;
}

/// Takes pixels out of all rings.
void reject(std::vector<std::size_t> const& pixels, PixelTerms& terms, std::vector<std::size_t>& rejected) {
    for (auto const pixel : pixels) {
        if (!(terms.norm[pixel] > 0)) continue;
        terms.norm[pixel] = 0;
        rejected.push_back(pixel);
    }
}

void append(RingMoments const& moments, RingSums& out) {
    out.signal.push_back(moments.signal);
    out.variance.push_back(moments.variance);
    out.norm.push_back(moments.norm);
    out.norm2.push_back(moments.norm2);
    out.count.push_back(moments.count);
}

ErrorModel reported(ErrorModel model) {
    return model == ErrorModel::hybrid ? ErrorModel::poisson : model;
}

ClippedRings clip_in_step(RingMembers const& rings, PixelTerms left, ErrorModel model, Outliers const& clip) {
    ClippedRings out;
    for (int round = 0; round < clip.most_rounds; ++round) {
        std::vector<std::size_t> found;
        for (std::size_t b = 0; b < rings.bins(); ++b)
            std::ranges::copy(beyond(rings.of(b), left, model, clip.threshold, false), std::back_inserter(found));
        if (found.empty()) break;
        reject(found, left, out.rejected);
    }
    for (std::size_t b = 0; b < rings.bins(); ++b) append(moments_of(rings.of(b), left, reported(model), false), out.sums);
    return out;
}

/// A bin knows what those before it rejected, and is reported before those after it reject.
ClippedRings clip_as_pyfai_0_21(RingMembers const& rings, PixelTerms left, ErrorModel model, Outliers const& clip) {
    ClippedRings out;
    for (std::size_t b = 0; b < rings.bins(); ++b) {
        for (int round = 0; round < clip.most_rounds; ++round) {
            auto const found = beyond(rings.of(b), left, model, clip.threshold, true);
            if (found.empty()) break;
            reject(found, left, out.rejected);
        }
        append(moments_of(rings.of(b), left, reported(model), true), out.sums);
    }
    return out;
}

} // namespace

ClippedRings clip_rings(PixelShares const& shares, PixelTerms const& terms, ErrorModel model, Outliers const& clip, bool pyfai_0_21) {
    RingMembers const rings(shares);
    auto out = pyfai_0_21 ? clip_as_pyfai_0_21(rings, terms, model, clip) : clip_in_step(rings, terms, model, clip);
    std::ranges::sort(out.rejected);
    return out;
}

RingSums quantile_rings(PixelShares const& shares, PixelTerms const& terms, ErrorModel model, double low, double high) {
    RingMembers const rings(shares);
    double const trimmed = trimmed_mean_variance(low, high);
    RingSums out;
    std::vector<Member> sorted;
    for (std::size_t b = 0; b < rings.bins(); ++b) {
        sorted.clear();
        double whole = 0;
        for (auto const& member : rings.of(b)) {
            if (!(terms.norm[member.pixel] > 0)) continue;
            sorted.push_back(member);
            whole += static_cast<double>(member.share) * terms.norm[member.pixel];
        }
        std::ranges::stable_sort(sorted, {}, [&](Member const& m) { return terms.signal[m.pixel] / terms.norm[m.pixel]; });
        RingMoments kept;
        double below = 0; // of the ring's norm
        for (auto const& [pixel, weight] : sorted) {
            double const share = static_cast<double>(weight), norm = share * terms.norm[pixel];
            double const from = below / whole, to = (below + norm) / whole;
            below += norm;
            if (to < low || from > high) continue;
            kept.signal += share * terms.signal[pixel];
            kept.norm += norm;
            kept.norm2 += norm * norm;
            kept.count += share;
        }
        auto const ring = moments_of(rings.of(b), terms, reported(model), false);
        if (kept.norm > 0) kept.variance = trimmed * ring.variance * std::pow(kept.norm / ring.norm, 2);
        append(kept, out);
    }
    return out;
}

} // namespace sqd
