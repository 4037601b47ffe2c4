#include "pipeline/reduce/scan_findings.hpp"

#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/calibration_check.hpp"
#include "pipeline/reduce/frame_shape.hpp"
#include "pipeline/reduce/hot_pixels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sqd {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double surely_dead = 30;                  ///< counts expected of a pixel that has none: exp(-30)
constexpr double always_some = 30, most_hot = 1e-3; ///< of the pixels that were judged
constexpr double widest_bin_invA = 0.02;            ///< ten of them within reach of a line

/// A line needs bins on both sides of it to stand out from.
bool fit_for_lines(std::vector<double> const& q) {
    double widest = 0;
    for (std::size_t b = 0; b + 1 < q.size(); ++b) widest = std::max(widest, q[b + 1] - q[b]);
    return q.size() > 1 && widest <= widest_bin_invA;
}

bool touch(HotPixel const& a, HotPixel const& b) {
    auto const apart = [](std::size_t x, std::size_t y) { return std::max(x, y) - std::min(x, y); };
    return apart(a.row, b.row) <= 1 && apart(a.col, b.col) <= 1 && !(a.row == b.row && a.col == b.col);
}

/// Hot pixels without a hot neighbour; `pixels` are in the order of the image.
std::vector<HotPixel> lonely(std::vector<HotPixel> const& pixels) {
    std::vector<bool> accompanied(pixels.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        for (std::size_t j = i + 1; j < pixels.size() && pixels[j].row <= pixels[i].row + 1; ++j) {
            if (touch(pixels[i], pixels[j])) accompanied[i] = accompanied[j] = true;
        }
    }
    std::vector<HotPixel> out;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (!accompanied[i]) out.push_back(pixels[i]);
    }
    return out;
}

bool moves_its_bin(BinMap const& bins, HotPixel const& pixel) {
    double const excess = static_cast<double>(pixel.counts) - pixel.expected;
    double const others = pixel.expected * (bins.bin_norm[bins.bin[pixel.row * bins.geometry.cols + pixel.col]] / pixel.norm - 1);
    return excess > 3 * std::sqrt(others);
}

struct RingSum {
    double counts = 0, norm = 0, pixels = 0;
};

/// Pixels of one ring that are to be looked at, side by side.
struct RingCounts {
    std::vector<double> counts, norm;

    RingSum sum() const {
        RingSum out;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            out.counts += counts[i];
            out.norm += norm[i];
            out.pixels += 1;
        }
        return out;
    }
    /// Pixels without a count where the rate lets many be expected.
    void drop_dead(double rate) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (!(counts[i] > 0) && rate * norm[i] > surely_dead) continue;
            counts[kept] = counts[i];
            norm[kept++] = norm[i];
        }
        counts.resize(kept);
        norm.resize(kept);
    }
    double chi2(double rate) const {
        double out = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            double const expected = rate * norm[i];
            if (expected > 0) out += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return out;
    }
};

} // namespace

RingStatistics ring_statistics(BinMap const& bins, PixelSum const& sum, RingPixels const& rings, std::span<HotPixel const> left_out,
                               ParallelFor const& parallel_for) {
    std::vector<bool> out_of_it(bins.pixels());
    for (auto const& pixel : left_out) out_of_it[pixel.row * bins.geometry.cols + pixel.col] = true;
    std::vector<double> const unknown(bins.axis.size(), nan);
    RingStatistics out{bins.q_invA, unknown, unknown, unknown, std::vector<double>(bins.axis.size())};
    for_bin_ranges(rings.first, parallel_for, [&](std::size_t begin, std::size_t end) {
        RingCounts ring;
        for (std::size_t b = begin; b < end; ++b) {
            ring.counts.clear();
            ring.norm.clear();
            for (auto const pixel : rings.of(b)) {
                if (out_of_it[pixel] || (!sum.invalid_frames.empty() && sum.invalid_frames[pixel] > 0)) continue;
                ring.counts.push_back(sum.counts[pixel]);
                ring.norm.push_back(static_cast<double>(bins.norm[pixel]));
            }
            auto const all = ring.sum();
            ring.drop_dead(all.counts / all.norm);
            auto const living = ring.sum();
            if (!(living.pixels > 0)) continue;
            double const rate = living.counts / living.norm;
            out.intensity[b] = rate;
            out.sigma[b] = std::sqrt(living.counts) / living.norm;
            out.pixels[b] = living.pixels;
            if (living.counts > 0 && living.pixels > 1) out.variance_ratio[b] = ring.chi2(rate) / (living.pixels - 1);
        }
    });
    return out;
}

Findings find_in_images(BinMap const& bins, PixelSum const& sum, WatchConfig const& config, ParallelFor const& parallel_for) {
    Findings out;
    if (!sum.integers) return out;
    RingPixels const rings = ring_pixels(bins, parallel_for);
    auto [hot, judged] = find_hot_pixels(sum.counts, bins, rings, {}, parallel_for);
    if (static_cast<double>(hot.size()) > always_some + most_hot * static_cast<double>(judged)) {
        out.flags.emplace_back("hot_pixels_too_many");
        hot.clear();
    }
    std::erase_if(hot, [&bins](HotPixel const& pixel) { return !moves_its_bin(bins, pixel); });
    for (auto& pixel : hot) {
        std::size_t const i = pixel.row * bins.geometry.cols + pixel.col;
        if (!sum.invalid_frames.empty()) pixel.norm *= 1 - static_cast<double>(sum.invalid_frames[i]) / sum.frames;
    }
    if (config.bragg_lines && fit_for_lines(bins.q_invA))
        out.lines = watch_bragg_lines(ring_statistics(bins, sum, rings, lonely(hot), parallel_for), {}, parallel_for);
    else if (config.bragg_lines)
        out.flags.emplace_back("lines_not_watched:bins");
    if (config.hot_pixels) out.hot_pixels = std::move(hot);
    return out;
}

CalibrationCheck check_calibration(BinMap const& bins, PixelSum const& sum, Calibrant const& crystal, ParallelFor const& parallel_for) {
    Geometry const& g = bins.geometry;
    Mask mask(g.rows, g.cols);
    Image<double> mean(g.rows, g.cols, nan);
    for (std::size_t i = 0; i < bins.pixels(); ++i) {
        mask.pixels[i] = (bins.masked[i / 64] >> (i % 64)) & 1;
        double const valid = sum.frames - (sum.invalid_frames.empty() ? 0 : static_cast<double>(sum.invalid_frames[i]));
        if (valid > 0) mean.pixels[i] = sum.counts[i] / valid;
    }
    return check_calibration(mean, sum.frames, mask, g, crystal, {}, parallel_for);
}

void leave_out(ScanCounts const& scan, FrameList const& kept, std::span<HotPixel const> pixels, BinnedCounts& sums) {
    if (pixels.empty()) return;
    BinMap const& bins = *scan.bins;
    std::size_t const n = bins.axis.size();
    std::vector<bool> hot(n);
    auto clean = scan_shape(bins, scan.frames); // of all frames, without the hot pixels
    FrameList const used = in_order_of_number(kept);
    double weight = 0;
    for (auto const& point : used)
        for_each_frame(*point, [&weight](JoinedFrame const& frame, auto) { weight += frame.exposure_s * frame.monitor; });
    for (auto const& pixel : pixels) {
        std::size_t const bin = bins.bin[pixel.row * bins.geometry.cols + pixel.col];
        if (bin >= n) continue;
        hot[bin] = true;
        clean[bin] = std::max(0.0, clean[bin] - static_cast<double>(pixel.counts));
        sums.norm[bin] -= weight * pixel.norm;
        sums.pixels[bin] -= 1;
    }
    std::vector<double> estimated(n); // of the frames that were not kept
    auto const earlier = [](auto const& a, auto const& b) { return a->number < b->number; };
    for (auto const& frame : in_order_of_number(scan.frames)) {
        if (std::binary_search(used.begin(), used.end(), frame, earlier)) continue;
        auto const expected = expected_counts(bins, *frame, clean, hot);
        for (std::size_t b = 0; b < n; ++b) estimated[b] += expected[b];
    }
    auto const raw = scan_shape(bins, used);
    if (sums.variance.empty() && used.size() < scan.frames.size()) {
        for (double const counts : sums.counts) sums.variance.push_back(std::max(counts, 1.0));
    }
    for (std::size_t b = 0; b < n; ++b) {
        if (!hot[b]) continue;
        double const left = std::max(0.0, clean[b] - estimated[b]), factor = raw[b] > 0 ? sums.counts[b] / raw[b] : 1; // of the dead time
        sums.counts[b] = left * factor;
        if (!sums.variance.empty()) sums.variance[b] = std::max(1.0, (left + estimated[b]) * factor * factor);
    }
}

std::vector<std::pair<double, double>> ranges_of(std::vector<BraggLine> const& lines, BinMap const& bins) {
    auto const& q = bins.q_invA;
    double const half_bin = q.size() > 1 ? 0.5 * (q.back() - q.front()) / static_cast<double>(q.size() - 1) : 0;
    std::vector<std::pair<double, double>> out;
    for (auto const& line : lines) {
        double const reach = line.width_invA + half_bin;
        out.emplace_back(line.q_invA - reach, line.q_invA + reach);
    }
    return out;
}

} // namespace sqd
