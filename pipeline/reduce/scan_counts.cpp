#include "pipeline/reduce/scan_counts.hpp"

#include <algorithm>

namespace sqd {

FrameList in_order_of_number(FrameList frames) {
    std::stable_sort(frames.begin(), frames.end(), [](auto const& a, auto const& b) { return a->number < b->number; });
    return frames;
}

std::vector<double> pixel_seconds(BinMap const& bins, FrameCounts const& frame) {
    std::vector<double> out;
    out.reserve(bins.axis.size());
    for (auto const pixels : bins.bin_pixels) out.push_back(frame.exposure_s * pixels);
    for (auto const& deficit : frame.deficits) out[deficit.bin] = frame.exposure_s * (bins.bin_pixels[deficit.bin] - deficit.pixels);
    return out;
}

std::vector<double> pixel_seconds(BinMap const& bins, FrameList const& frames) {
    std::vector<double> out(bins.axis.size());
    for (auto const& frame : in_order_of_number(frames)) {
        auto const seconds = pixel_seconds(bins, *frame);
        for (std::size_t b = 0; b < out.size(); ++b) out[b] += seconds[b];
    }
    return out;
}

} // namespace sqd
