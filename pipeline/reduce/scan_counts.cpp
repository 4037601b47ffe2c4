#include "pipeline/reduce/scan_counts.hpp"

#include <algorithm>

namespace sqd {

FrameList in_order_of_number(FrameList frames) {
    std::stable_sort(frames.begin(), frames.end(), [](auto const& a, auto const& b) { return a->number < b->number; });
    return frames;
}

std::size_t frames_in(FrameList const& points) {
    std::size_t out = 0;
    for (auto const& point : points) out += frames_in(*point);
    return out;
}

double exposure_of(FrameList const& frames) {
    double seconds = 0;
    for (auto const& point : in_order_of_number(frames))
        for_each_frame(*point, [&](JoinedFrame const& frame, auto) { seconds += frame.exposure_s; });
    return seconds;
}

namespace {

/// Calls add(bin, seconds) for every bin.
template <class Add>
void add_pixel_seconds(BinMap const& bins, double exposure_s, std::span<BinDeficit const> deficits, Add add) {
    auto deficit = deficits.begin();
    for (std::size_t b = 0; b < bins.bin_pixels.size(); ++b) {
        double const missing = deficit != deficits.end() && deficit->bin == b ? (deficit++)->pixels : 0;
        add(b, exposure_s * (bins.bin_pixels[b] - missing));
    }
}

} // namespace

std::vector<double> pixel_seconds(BinMap const& bins, FrameCounts const& frame) {
    std::vector<double> out(bins.axis.size());
    add_pixel_seconds(bins, frame.exposure_s, frame.deficits, [&out](std::size_t b, double seconds) { out[b] = seconds; });
    return out;
}

std::vector<double> pixel_seconds(BinMap const& bins, FrameList const& frames) {
    std::vector<double> out(bins.axis.size());
    for (auto const& point : in_order_of_number(frames))
        for_each_frame(*point, [&](JoinedFrame const& frame, std::span<BinDeficit const> deficits) {
            add_pixel_seconds(bins, frame.exposure_s, deficits, [&out](std::size_t b, double seconds) { out[b] += seconds; });
        });
    return out;
}

} // namespace sqd
