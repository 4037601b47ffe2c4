#include "pipeline/reduce/dark_counts.hpp"

#include <cassert>
#include <cstddef>

namespace sqd {

namespace {

/// Seconds for which a pixel counted.
double seconds_of(PixelSum const& sum, std::size_t pixel) {
    if (sum.invalid_frames.empty()) return sum.exposure_s;
    return sum.exposure_s * (1 - static_cast<double>(sum.invalid_frames[pixel]) / sum.frames);
}

/// Dark counts in `exposed` of what counted `counts` in `dark_exposed`, and their variance. Where nothing was exposed there are none.
struct Dark {
    double counts = 0, variance = 0;
};
Dark dark_in(double exposed, double counts, double dark_exposed) {
    if (!(exposed > 0)) return {};
    double const ratio = exposed / dark_exposed;
    return {counts * ratio, counts * ratio * ratio};
}

} // namespace

DarkScan without_pixels(DarkScan dark, std::span<HotPixel const> pixels) {
    if (!dark.pixels) return dark;
    for (auto const& pixel : pixels) {
        std::size_t const i = pixel.row * dark.bins->geometry.cols + pixel.col, bin = dark.bins->bin[i];
        if (bin >= dark.counts.size()) continue;
        dark.counts[bin] -= dark.pixels->counts[i];
        dark.pixel_seconds[bin] -= seconds_of(*dark.pixels, i);
    }
    return dark;
}

void set_dark(BinnedCounts& sums, std::vector<double> const& exposed, DarkScan const& dark) {
    assert(exposed.size() == dark.counts.size());
    sums.dark.clear();
    sums.dark_variance.clear();
    for (std::size_t b = 0; b < exposed.size(); ++b) {
        auto const in = dark_in(exposed[b], dark.counts[b], dark.pixel_seconds[b]);
        sums.dark.push_back(in.counts);
        sums.dark_variance.push_back(in.variance);
    }
    sums.dark_uid = dark.uid;
}

void set_dark(PixelSum& sum, PixelSum const& dark) {
    assert(sum.counts.size() == dark.counts.size());
    sum.dark.resize(sum.counts.size());
    sum.dark_variance.resize(sum.counts.size());
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
        auto const in = dark_in(seconds_of(sum, i), dark.counts[i], seconds_of(dark, i));
        sum.dark[i] = in.counts;
        sum.dark_variance[i] = in.variance;
    }
}

} // namespace sqd
