// Pixels of a summed image that count too much for their ring.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/ring_pixels.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace sqd {

struct HotPixelConfig {
    double false_per_image = 0.05; ///< good pixels found per image of nothing but counting noise, on average (an upper bound)
    std::size_t least_pixels = 8;  ///< rings of fewer pixels judge nobody
};

struct HotPixels {
    std::vector<HotPixel> pixels; ///< in the order of the image
    std::size_t judged = 0;       ///< pixels that were looked at
};

/// The pixels whose counts no counting noise explains. `counts` = pixel sums of a scan, whole numbers, map.pixels() of them; `rings` =
/// ring_pixels(map).
///
/// A ring is a bin of the map. All its pixels count at one rate per norm, first taken from their median, or where half of them
/// counted nothing from the part that did not (exp(-mean)), then from the sum over those that are not hot, until the list stays the
/// same. A pixel of k counts is hot when P(X >= k) < false_per_image / pixels (Bonferroni) for k of the ring's k + N counts falling
/// on its m of the ring's m + M of norm: binomial, so exact at any count and ring size (Przyborowski & Wilenski, Biometrika 31, 313
/// (1940)). Where pixels scatter more than they count (texture, efficiencies, a steep pattern within a bin; 1.4826 x median
/// deviation from the rate, where 25 counts or more are expected), counts are divided by that excess variance before they are judged. It
/// must be improbable for the two rings beside, too: a steep flank may cross a bin.
///
/// Not told apart: a spot of a single crystal, which covers several pixels, is hot in each of them.
/// Throws DataError when the number of counts is not that of the map's pixels.
HotPixels find_hot_pixels(std::span<double const> counts, BinMap const& map, RingPixels const& rings, HotPixelConfig const& config,
                          ParallelFor const& parallel_for);

} // namespace sqd
