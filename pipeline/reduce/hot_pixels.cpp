// Ring by ring: the rate of the pixels that are not hot, and the chance of each count at it.
#include "pipeline/reduce/hot_pixels.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/bin_ranges.hpp"
#include "pipeline/reduce/median_deviation.hpp"
#include "pipeline/reduce/tail_probability.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numbers>

namespace sqd {

namespace {

constexpr int most_rounds = 10;
constexpr double least_for_scatter = 25;

/// Reorders the values.
double median(std::vector<double>& values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// One ring: counts and norm of its pixels.
struct Ring {
    std::vector<double> counts, norm;
    std::size_t size() const { return counts.size(); }
};

struct Sums {
    double counts = 0, norm = 0;
};

/// A rate that hot pixels do not move.
double robust_rate(Ring const& ring) {
    std::vector<double> rates;
    Sums all;
    std::size_t silent = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        rates.push_back(ring.counts[i] / ring.norm[i]);
        all.norm += ring.norm[i];
        if (ring.counts[i] == 0) ++silent;
    }
    auto const n = static_cast<double>(ring.size());
    if (2 * silent >= ring.size()) return -std::log(static_cast<double>(silent) / n) * n / all.norm;
    return median(rates);
}

/// Variance of the pixels over that of counting, from the median deviation; at least 1.
double excess_variance(Ring const& ring, double rate) {
    std::vector<double> deviations;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        double const expected = rate * ring.norm[i];
        if (expected < least_for_scatter) return 1;
        deviations.push_back(std::abs(ring.counts[i] - expected) / std::sqrt(expected));
    }
    double const sigma = sigma_per_median_deviation * median(deviations);
    return std::max(1.0, sigma * sigma);
}

/// Spares all but a few pixels the functions of probability: within four sigmas no count is as improbable as asked for, whether the rate
/// is known or counted elsewhere (tails of counts are heavier than the normal law's 3.2e-5).
bool surely_likely(double k, double mean, double probability) {
    constexpr double sigmas = 4, more_improbable = 1e-5;
    double const apart = k - mean;
    return probability < more_improbable && (apart <= 0 || apart * apart <= sigmas * sigmas * mean);
}

/// Whether k counts in norm m are less likely than `probability`, when `rest` has been counted elsewhere.
bool too_many(double k, double m, Sums const& rest, double probability) {
    double const mean = rest.counts / rest.norm * m;
    if (k <= mean || surely_likely(k, mean, probability)) return false;
    // The chance of k itself at that rate is less than that of k or more at a rate that is uncertain: spares most pixels the beta.
    double const exactly_k = k * std::log(mean / k) + k - mean - 0.5 * std::log(2 * std::numbers::pi * k) - 1 / (12 * k);
    if (mean > 0 && exactly_k > std::log(probability)) return false;
    return binomial_tail(k, k + rest.counts, m / (m + rest.norm)) < probability;
}

Sums sum_of_good(Ring const& ring, std::vector<std::uint8_t> const& hot, double excess) {
    Sums out;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        if (hot[i] != 0) continue;
        out.counts += ring.counts[i] / excess;
        out.norm += ring.norm[i];
    }
    return out;
}

/// What a pixel of a ring counts per norm, and the variance of that over counting's.
struct Level {
    double rate = 0, excess = 1;
};

/// Which pixels of a ring are hot; `level` becomes that of the others.
std::vector<std::uint8_t> hot_of(Ring const& ring, double probability, Level& level) {
    double& rate = level.rate;
    rate = robust_rate(ring);
    double const excess = level.excess = excess_variance(ring, rate);
    std::vector<std::uint8_t> hot(ring.size());
    for (std::size_t i = 0; i < ring.size(); ++i) {
        double const k = ring.counts[i] / excess, mean = rate * ring.norm[i] / excess;
        hot[i] = !surely_likely(k, mean, probability) && poisson_tail(k, mean) < probability;
    }
    for (int round = 0; round < most_rounds; ++round) {
        Sums const good = sum_of_good(ring, hot, excess);
        if (!(good.norm > 0)) break;
        rate = good.counts * excess / good.norm;
        std::vector<std::uint8_t> next(ring.size());
        for (std::size_t i = 0; i < ring.size(); ++i) {
            double const k = ring.counts[i] / excess, m = ring.norm[i];
            Sums const rest = hot[i] != 0 ? good : Sums{good.counts - k, good.norm - m};
            next[i] = rest.norm > 0 && too_many(k, m, rest, probability);
        }
        if (next == hot) break;
        hot = std::move(next);
    }
    return hot;
}

/// The highest of a ring and its two neighbours: within a bin that a steep flank crosses, pixels count as those of the next one.
Level highest_around(std::vector<Level> const& levels, std::size_t ring) {
    Level out;
    for (std::size_t b = ring > 0 ? ring - 1 : 0; b < std::min(ring + 2, levels.size()); ++b) {
        out.rate = std::max(out.rate, levels[b].rate);
        out.excess = std::max(out.excess, levels[b].excess);
    }
    return out;
}

} // namespace

HotPixels find_hot_pixels(std::span<double const> counts, BinMap const& map, RingPixels const& rings, HotPixelConfig const& config,
                          ParallelFor const& parallel_for) {
    if (counts.size() != map.pixels()) {
        throw DataError("image of " + std::to_string(counts.size()) + " pixels for a map of " + std::to_string(map.pixels()) +
                        " (shapes must agree) use the map of this detector");
    }
    std::size_t const bins = map.axis.size();
    HotPixels out;
    for (std::size_t b = 0; b < bins; ++b) {
        std::size_t const pixels = rings.of(b).size();
        if (pixels >= config.least_pixels) out.judged += pixels;
    }
    double const probability = config.false_per_image / static_cast<double>(std::max<std::size_t>(out.judged, 1));

    std::vector<std::vector<HotPixel>> found(bins);
    std::vector<Level> levels(bins);
    for_bin_ranges(rings.first, parallel_for, [&](std::size_t begin, std::size_t end) {
        Ring ring;
        for (std::size_t b = begin; b < end; ++b) {
            auto const pixels = rings.of(b);
            if (pixels.size() < config.least_pixels) continue;
            ring.counts.clear();
            ring.norm.clear();
            for (auto const pixel : pixels) {
                ring.counts.push_back(counts[pixel]);
                ring.norm.push_back(static_cast<double>(map.norm[pixel]));
            }
            auto const hot = hot_of(ring, probability, levels[b]);
            for (std::size_t i = 0; i < pixels.size(); ++i) {
                if (hot[i] == 0) continue;
                std::size_t const row = pixels[i] / map.geometry.cols, col = pixels[i] % map.geometry.cols;
                found[b].push_back({row, col, static_cast<std::uint64_t>(ring.counts[i]), levels[b].rate * ring.norm[i], ring.norm[i]});
            }
        }
    });
    for (std::size_t b = 0; b < bins; ++b) {
        Level const around = highest_around(levels, b);
        std::copy_if(found[b].begin(), found[b].end(), std::back_inserter(out.pixels), [&](HotPixel const& pixel) {
            return poisson_tail(static_cast<double>(pixel.counts) / around.excess, around.rate * pixel.norm / around.excess) < probability;
        });
    }
    std::sort(out.pixels.begin(), out.pixels.end(),
              [](HotPixel const& a, HotPixel const& b) { return a.row != b.row ? a.row < b.row : a.col < b.col; });
    return out;
}

} // namespace sqd
