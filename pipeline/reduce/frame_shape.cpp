#include "pipeline/reduce/frame_shape.hpp"

#include <algorithm>
#include <cstddef>

namespace sqd {

namespace {

/// Sums of the trusted values before each place; one more than there are values.
std::vector<double> running_sums(std::vector<double> const& values, std::vector<bool> const& untrusted) {
    std::vector<double> out(values.size() + 1);
    for (std::size_t i = 0; i < values.size(); ++i) out[i + 1] = out[i] + (!untrusted.empty() && untrusted[i] ? 0 : values[i]);
    return out;
}

} // namespace

std::vector<double> scan_shape(BinMap const& bins, FrameList const& frames) {
    std::vector<double> out(bins.axis.size());
    for (auto const& frame : frames) {
        for (std::size_t b = 0; b < out.size(); ++b) out[b] += static_cast<double>(counts_in(*frame, b));
    }
    return out;
}

std::vector<double> expected_counts(BinMap const& bins, FrameCounts const& frame, std::vector<double> shape,
                                    std::vector<bool> const& untrusted) {
    constexpr std::size_t reach = 10;
    constexpr double steadying = 10; ///< counts: where neighbours hold next to nothing, the frame as a whole decides
    for (auto const& deficit : frame.deficits) shape[deficit.bin] *= std::max(0.0, 1 - deficit.norm / bins.bin_norm[deficit.bin]);
    std::vector<double> counts;
    for (std::size_t b = 0; b < frame.counts.size(); ++b) counts.push_back(static_cast<double>(counts_in(frame, b)));
    auto const before = running_sums(counts, untrusted), before_of_scan = running_sums(shape, untrusted);
    double const whole = before_of_scan.back() > 0 ? before.back() / before_of_scan.back() : 0;
    std::vector<double> out(counts.size());
    for (std::size_t b = 0; b < counts.size(); ++b) {
        std::size_t const first = b > reach ? b - reach : 0, last = std::min(b + reach + 1, counts.size());
        bool const own = untrusted.empty() || !untrusted[b];
        double const around = before[last] - before[first] - (own ? counts[b] : 0),
                     usual = whole * (before_of_scan[last] - before_of_scan[first] - (own ? shape[b] : 0));
        out[b] = whole * shape[b] * (around + steadying) / (usual + steadying);
    }
    return out;
}

} // namespace sqd
