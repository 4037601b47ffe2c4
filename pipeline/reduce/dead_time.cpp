#include "pipeline/reduce/dead_time.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

constexpr double largest_neglected = 1e-4; ///< of the counts

/// True over measured counts for a pixel that is blind for this part of the time.
double correction(double blind_part) {
    return 1 / (1 - std::min(blind_part, largest_blind_part));
}

/// Upper bound of the relative variance among the frames of every bin's rate; one more for pixels outside: the largest of all.
std::vector<double> rate_variance(BinMap const& bins, FrameList const& frames) {
    std::size_t const n = bins.axis.size();
    std::vector<double> counts(n), exposed(n), out(n + 1), square(n);
    auto const ordered = in_order_of_number(frames);
    for (auto const& frame : ordered) {
        auto const seconds = pixel_seconds(bins, *frame);
        for (std::size_t b = 0; b < n; ++b) {
            counts[b] += static_cast<double>(counts_in(*frame, b));
            exposed[b] += seconds[b];
        }
    }
    for (auto const& frame : ordered) {
        auto const seconds = pixel_seconds(bins, *frame);
        for (std::size_t b = 0; b < n; ++b) {
            if (!(seconds[b] > 0)) continue;
            double const apart = static_cast<double>(counts_in(*frame, b)) / seconds[b] - counts[b] / exposed[b];
            square[b] += seconds[b] * apart * apart;
        }
    }
    double const size = static_cast<double>(frames.size());
    for (std::size_t b = 0; b < n; ++b) {
        if (!(counts[b] > 0)) continue;
        double const rate = counts[b] / exposed[b], of_counting = (size - 1) * rate, its_scatter = 3 * std::sqrt(2 * size) * rate;
        out[b] = (std::max(0.0, square[b] - of_counting) + its_scatter) / (exposed[b] * rate * rate);
        out[n] = std::max(out[n], out[b]);
    }
    return out;
}

/// Part of the time for which a pixel was blind.
double blind_part(PixelSum const& sum, std::size_t pixel, double tau_s) {
    double const missing = sum.invalid_frames.empty() ? 0 : static_cast<double>(sum.invalid_frames[pixel]) / sum.frames;
    double const seconds = sum.exposure_s * (1 - missing);
    return seconds > 0 ? sum.counts[pixel] * tau_s / seconds : 0;
}

} // namespace

bool undo_dead_time(BinnedCounts& sums, BinMap const& bins, FrameList const& frames, double tau_s) {
    std::size_t const n = bins.axis.size();
    bool saturated = false;
    sums.counts.assign(n, 0);
    sums.variance.assign(n, 0);
    for (auto const& frame : in_order_of_number(frames)) {
        auto const seconds = pixel_seconds(bins, *frame);
        for (std::size_t b = 0; b < n; ++b) {
            double const counts = static_cast<double>(counts_in(*frame, b));
            if (counts == 0) continue;
            double const blind = counts * tau_s / seconds[b], factor = correction(blind);
            saturated = saturated || blind >= largest_blind_part;
            sums.counts[b] += counts * factor;
            sums.variance[b] += counts * factor * factor;
        }
    }
    for (double& variance : sums.variance) variance = std::max(variance, 1.0);
    return saturated;
}

DeadTimeUndone undo_dead_time(PixelSum& sum, BinMap const& bins, FrameList const& frames, double tau_s) {
    auto const variance = rate_variance(bins, frames);
    std::vector<double> factor(sum.counts.size(), 1);
    auto out = DeadTimeUndone::yes;
    for (std::size_t i = 0; i < factor.size(); ++i) {
        double const blind = blind_part(sum, i, tau_s);
        if (blind * variance[bins.bin[i]] > largest_neglected) return DeadTimeUndone::withheld;
        if (blind >= largest_blind_part) out = DeadTimeUndone::saturated;
        factor[i] = correction(blind);
    }
    sum.variance = sum.counts;
    for (std::size_t i = 0; i < factor.size(); ++i) {
        sum.counts[i] *= factor[i];
        sum.variance[i] *= factor[i] * factor[i];
    }
    return out;
}

} // namespace sqd
