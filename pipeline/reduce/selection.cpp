// Points off the sample are told from points on it by their counts alone; sums over frames.
#include "pipeline/reduce/selection.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace sqd {

namespace {

constexpr double separation_sigma = 8; ///< levels nearer than this are one level

/// What a frame counted per unit of norm: monitor x seconds.
double weight(FrameCounts const& frame) {
    return frame.monitor * frame.exposure_s;
}

/// The bins of a window, as [first, last).
struct BinWindow {
    std::size_t first, last;
};

BinWindow bins_between(BinMap const& bins, std::pair<double, double> const& window_invA) {
    auto const at = [&](double q) {
        return static_cast<std::size_t>(std::lower_bound(bins.q_invA.begin(), bins.q_invA.end(), q) - bins.q_invA.begin());
    };
    return {at(window_invA.first), at(window_invA.second)};
}

template <class T>
double sum(std::vector<T> const& values, BinWindow window) {
    double out = 0;
    for (std::size_t b = window.first; b < window.last; ++b) out += static_cast<double>(values[b]);
    return out;
}

/// Counts in the window per monitor and second, as if no pixel had been invalid.
double rate(FrameCounts const& frame, BinWindow window, double full_norm) {
    double norm = full_norm;
    for (auto const& deficit : frame.deficits) {
        if (deficit.bin >= window.first && deficit.bin < window.last) norm -= deficit.norm;
    }
    return norm > 0 ? sum(frame.counts, window) * full_norm / (norm * weight(frame)) : 0;
}

double upper_quartile(std::vector<double> values) {
    auto const at = values.begin() + static_cast<std::ptrdiff_t>(3 * values.size() / 4);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// Which of the frames are off the sample.
std::vector<bool> off_sample(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames,
                             SelectionConfig const& config, BinnedCounts const* air) {
    std::vector<bool> off(frames.size(), false);
    BinWindow const window = bins_between(bins, config.signal_window_invA);
    double const full_norm = sum(bins.bin_norm, window);
    if (frames.empty() || !(full_norm > 0)) return off;

    std::vector<double> rates;
    double mean_weight = 0;
    for (auto const& frame : frames) {
        rates.push_back(rate(*frame, window, full_norm));
        mean_weight += weight(*frame) / static_cast<double>(frames.size());
    }
    double const on_level = upper_quartile(rates);
    double const air_norm = air != nullptr ? sum(air->norm, window) : 0;
    double const off_level = air_norm > 0 ? sum(air->counts, window) * full_norm / air_norm : 0;
    double const sigma_of_point = std::sqrt(std::max(on_level, off_level) / mean_weight);
    if (!(std::abs(on_level - off_level) > separation_sigma * sigma_of_point)) return off;
    for (std::size_t i = 0; i < frames.size(); ++i) off[i] = std::abs(rates[i] - off_level) < std::abs(rates[i] - on_level);
    return off;
}

} // namespace

Selection select_points(ScanCounts const& scan, SelectionConfig const& config, BinnedCounts const* air) {
    Selection out;
    std::vector<std::shared_ptr<FrameCounts const>> lit;
    for (auto const& frame : scan.frames) {
        if (weight(*frame) > 0) {
            lit.push_back(frame);
        } else {
            out.rejected.push_back({frame->number, "no_monitor"});
        }
    }
    if (!config.off_sample) {
        out.kept = std::move(lit);
        return out;
    }
    auto const off = off_sample(*scan.bins, lit, config, air);
    for (std::size_t i = 0; i < lit.size(); ++i) {
        if (off[i]) {
            out.rejected.push_back({lit[i]->number, "off_sample"});
        } else {
            out.kept.push_back(std::move(lit[i]));
        }
    }
    return out;
}

BinnedCounts sum_frames(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames) {
    std::size_t const n = bins.axis.size();
    BinnedCounts out{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n), static_cast<double>(frames.size())};
    if (frames.empty()) return out;
    std::vector<std::uint64_t> missing(n); // pixels x frames
    std::vector<double> frame_norm = bins.bin_norm;
    for (auto const& frame : in_order_of_number(frames)) {
        assert(frame->counts.size() == n);
        for (auto const& deficit : frame->deficits) {
            frame_norm[deficit.bin] = bins.bin_norm[deficit.bin] - deficit.norm; // exactly 0 where all pixels are missing
            missing[deficit.bin] += deficit.pixels;
        }
        double const w = weight(*frame);
        for (std::size_t b = 0; b < n; ++b) {
            out.counts[b] += static_cast<double>(frame->counts[b]);
            out.norm[b] += w * frame_norm[b];
        }
        for (auto const& deficit : frame->deficits) frame_norm[deficit.bin] = bins.bin_norm[deficit.bin];
    }
    for (std::size_t b = 0; b < n; ++b) {
        out.pixels[b] = static_cast<double>(bins.bin_pixels[b]) - static_cast<double>(missing[b]) / out.frames;
    }
    return out;
}

} // namespace sqd
