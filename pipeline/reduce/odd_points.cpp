#include "pipeline/reduce/odd_points.hpp"

#include "pipeline/reduce/frame_shape.hpp"
#include "pipeline/reduce/median_deviation.hpp"
#include "pipeline/reduce/tail_probability.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>

namespace sqd {

namespace {

constexpr std::size_t fewest_frames = 8;

double median(std::vector<double>& values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double excess_variance(FrameCounts const& frame, std::vector<double> const& expected) {
    constexpr double enough = 25;
    std::vector<double> deviations;
    for (std::size_t b = 0; b < expected.size(); ++b) {
        if (expected[b] >= enough)
            deviations.push_back(std::abs(static_cast<double>(counts_in(frame, b)) - expected[b]) / std::sqrt(expected[b]));
    }
    if (deviations.size() < fewest_frames) return 1;
    return std::max(1.0, std::pow(sigma_per_median_deviation * median(deviations), 2));
}

bool has_spike(FrameCounts const& frame, std::vector<double> const& expected, std::vector<bool> const& untrusted, double probability) {
    constexpr double least = 1.1, suspect_sigma = 4;
    double const excess = excess_variance(frame, expected);
    for (std::size_t b = 0; b < expected.size(); ++b) {
        double const k = static_cast<double>(counts_in(frame, b)), mean = expected[b];
        if (!untrusted.empty() && untrusted[b]) continue;
        if (!(k > least * mean) || k - mean < suspect_sigma * std::sqrt(mean * excess)) continue;
        if (mean > 0 && poisson_tail(k / excess, mean / excess) < probability) return true;
    }
    return false;
}

} // namespace

std::vector<bool> saturated_points(BinMap const& bins, FrameList const& frames) {
    std::vector<double> invalid;
    for (auto const& frame : frames) {
        double pixels = 0;
        for (auto const& deficit : frame->deficits) pixels += deficit.pixels;
        invalid.push_back(pixels);
    }
    std::vector<bool> out(frames.size());
    if (frames.size() < fewest_frames) return out;
    std::vector<double> sorted = invalid;
    double const usual = median(sorted), limit = std::max(usual + 10 + 5 * std::sqrt(usual), 1e-5 * static_cast<double>(bins.pixels()));
    for (std::size_t i = 0; i < frames.size(); ++i) out[i] = invalid[i] > limit;
    return out;
}

std::vector<bool> spiked_points(BinMap const& bins, FrameList const& frames, std::vector<bool> const& untrusted) {
    std::size_t const n = bins.axis.size();
    std::vector<bool> out(frames.size());
    if (frames.size() < fewest_frames || n < 2 * fewest_frames) return out;
    auto const shape = scan_shape(bins, frames);
    double const probability = 1e-3 / (static_cast<double>(n) * static_cast<double>(frames.size()));
    for (std::size_t i = 0; i < frames.size(); ++i)
        out[i] = has_spike(*frames[i], expected_counts(bins, *frames[i], shape, untrusted), untrusted, probability);
    return out;
}

std::vector<bool> edge_points(FrameList const& frames, std::vector<double> const& rates, std::vector<bool> const& off,
                              CountLevels const& levels, double sigma, MapGrid const& grid) {
    std::map<std::uint64_t, bool> off_at; ///< by place in the map
    for (std::size_t i = 0; i < frames.size(); ++i)
        for_each_frame(*frames[i], [&](JoinedFrame const& frame, auto) { off_at[grid.place(frame.number)] = off[i]; });
    auto const is_off = [&off_at](std::uint64_t at) {
        auto const found = off_at.find(at);
        return found != off_at.end() && found->second;
    };
    double const margin = std::max(0.1 * (levels.on - levels.off), 5 * sigma);
    std::vector<bool> out(frames.size());
    auto const is_beside = [&](std::uint64_t at) {
        std::uint64_t const col = at % grid.cols;
        return (col > 0 && is_off(at - 1)) || (col + 1 < grid.cols && is_off(at + 1)) || (at >= grid.cols && is_off(at - grid.cols)) ||
               is_off(at + grid.cols);
    };
    for (std::size_t i = 0; i < frames.size(); ++i) {
        bool beside = false;
        for_each_frame(*frames[i], [&](JoinedFrame const& frame, auto) { beside = beside || is_beside(grid.place(frame.number)); });
        out[i] = !off[i] && beside && rates[i] < levels.on - margin;
    }
    return out;
}

} // namespace sqd
