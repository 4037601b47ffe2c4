// Points off the sample are told from points on it by their counts alone; sums over frames.
#include "pipeline/reduce/selection.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

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

double sum(std::vector<double> const& values, BinWindow window) {
    double out = 0;
    for (std::size_t b = window.first; b < window.last; ++b) out += values[b];
    return out;
}

double counts_in_window(FrameCounts const& frame, BinWindow window) {
    double out = 0;
    for (std::size_t b = window.first; b < window.last; ++b) out += static_cast<double>(counts_in(frame, b));
    return out;
}

/// Counts in the window per monitor and second, as if no pixel had been invalid.
double rate(FrameCounts const& frame, BinWindow window, double full_norm) {
    double norm = full_norm;
    for (auto const& deficit : frame.deficits) {
        if (deficit.bin >= window.first && deficit.bin < window.last) norm -= deficit.norm;
    }
    return norm > 0 ? counts_in_window(frame, window) * full_norm / (norm * weight(frame)) : 0;
}

double upper_quartile(std::vector<double> values) {
    auto const at = values.begin() + static_cast<std::ptrdiff_t>(3 * values.size() / 4);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// Which frames are off the sample, and which hit its edge.
struct Places {
    std::vector<bool> off, edge;
};

Places places_of(BinMap const& bins, FrameList const& frames, SelectionConfig const& config, BinnedCounts const* air) {
    Places out{std::vector<bool>(frames.size()), std::vector<bool>(frames.size())};
    BinWindow const window = bins_between(bins, config.signal_window_invA);
    double const full_norm = sum(bins.bin_norm, window);
    if (frames.empty() || !(full_norm > 0)) return out;

    std::vector<double> rates;
    double mean_weight = 0;
    for (auto const& frame : frames) {
        rates.push_back(rate(*frame, window, full_norm));
        mean_weight += weight(*frame) / static_cast<double>(frames.size());
    }
    double const air_norm = air != nullptr ? sum(air->norm, window) : 0;
    CountLevels const levels{upper_quartile(rates), air_norm > 0 ? sum(air->counts, window) * full_norm / air_norm : 0};
    double const sigma_of_point = std::sqrt(std::max(levels.on, levels.off) / mean_weight);
    if (!(std::abs(levels.on - levels.off) > separation_sigma * sigma_of_point)) return out;
    for (std::size_t i = 0; i < frames.size(); ++i) out.off[i] = std::abs(rates[i] - levels.off) < std::abs(rates[i] - levels.on);
    if (config.grid) out.edge = edge_points(frames, rates, out.off, levels, sigma_of_point, *config.grid);
    return out;
}

/// Moves the points that are `out` from the kept to the rejected, which are listed frame by frame.
void take_out(Selection& selection, std::vector<bool> const& out, char const* reason) {
    FrameList kept;
    for (std::size_t i = 0; i < selection.kept.size(); ++i) {
        auto& frame = selection.kept[i];
        if (out[i])
            for_each_frame(*frame, [&](JoinedFrame const& each, auto) { selection.rejected.push_back({each.number, reason}); });
        else
            kept.push_back(std::move(frame));
    }
    selection.kept = std::move(kept);
}

/// What happens in more than a tenth of the points belongs to the sample.
void take_out_the_odd(Selection& selection, std::vector<bool> const& odd, char const* reason) {
    auto const many = static_cast<std::size_t>(std::count(odd.begin(), odd.end(), true));
    if (10 * many > odd.size())
        selection.flags.push_back(std::string(reason) + "_in_many_points");
    else
        take_out(selection, odd, reason);
}

std::vector<bool> bins_of(BinMap const& bins, std::span<HotPixel const> pixels) {
    std::vector<bool> out(bins.axis.size() + 1); // one for those that fall in none
    for (auto const& pixel : pixels) out[bins.bin[pixel.row * bins.geometry.cols + pixel.col]] = true;
    out.pop_back();
    return out;
}

} // namespace

Selection select_points(ScanCounts const& scan, SelectionConfig const& config, BinnedCounts const* air,
                        std::span<HotPixel const> hot_pixels) {
    Selection out;
    std::vector<bool> dark;
    for (auto const& frame : scan.frames) dark.push_back(!(weight(*frame) > 0));
    out.kept = scan.frames;
    take_out(out, dark, "no_monitor");
    if (config.off_sample) {
        Places places = places_of(*scan.bins, out.kept, config, air);
        std::vector<bool> edge_of_kept;
        for (std::size_t i = 0; i < out.kept.size(); ++i) {
            if (!places.off[i]) edge_of_kept.push_back(places.edge[i]);
        }
        take_out(out, places.off, "off_sample");
        take_out(out, edge_of_kept, "edge");
    }
    if (config.odd_points) {
        take_out_the_odd(out, saturated_points(*scan.bins, out.kept), "saturated");
        take_out_the_odd(out, spiked_points(*scan.bins, out.kept, bins_of(*scan.bins, hot_pixels)), "spike");
    }
    return out;
}

BinnedCounts sum_frames(BinMap const& bins, FrameList const& frames) {
    std::size_t const n = bins.axis.size();
    BinnedCounts out{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n), static_cast<double>(frames_in(frames))};
    if (frames.empty()) return out;
    std::vector<double> missing(n); // pixels x frames
    std::vector<double> frame_norm = bins.bin_norm;
    // Frame by frame also where several are a point: their norm is then the same to the last bit.
    auto const add_norm = [&](JoinedFrame const& frame, std::span<BinDeficit const> deficits) {
        for (auto const& deficit : deficits) {
            frame_norm[deficit.bin] = bins.bin_norm[deficit.bin] - deficit.norm; // exactly 0 where all pixels are missing
            missing[deficit.bin] += deficit.pixels;
        }
        double const w = frame.monitor * frame.exposure_s;
        for (std::size_t b = 0; b < n; ++b) out.norm[b] += w * frame_norm[b];
        for (auto const& deficit : deficits) frame_norm[deficit.bin] = bins.bin_norm[deficit.bin];
    };
    for (auto const& point : in_order_of_number(frames)) {
        assert(point->counts.size() == n);
        for (std::size_t b = 0; b < n; ++b) out.counts[b] += static_cast<double>(counts_in(*point, b));
        for_each_frame(*point, add_norm);
    }
    for (std::size_t b = 0; b < n; ++b) out.pixels[b] = static_cast<double>(bins.bin_pixels[b]) - missing[b] / out.frames;
    return out;
}

} // namespace sqd
