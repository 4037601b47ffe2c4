#include "pipeline/reduce/count_corrections.hpp"

#include "pipeline/reduce/scan_findings.hpp"
#include "pipeline/reduce/selection.hpp"

#include <cstddef>

namespace sqd {

BinnedCounts corrected_sums(ScanCounts const& scan, FrameList const& kept, std::span<HotPixel const> left_out_pixels,
                            CountCorrections const& corrections, std::vector<std::string>& flags) {
    BinMap const& bins = *scan.bins;
    BinnedCounts sums = sum_frames(bins, kept);
    if (corrections.dead_time && undo_dead_time(sums, bins, kept, corrections.dead_time->seconds))
        flags.emplace_back("dead_time_saturated");
    leave_out(scan, kept, left_out_pixels, sums);
    if (!corrections.dark) return sums;
    auto exposed = pixel_seconds(bins, kept);
    double const exposure_s = exposure_of(kept);
    for (auto const& pixel : left_out_pixels) {
        std::size_t const i = pixel.row * bins.geometry.cols + pixel.col;
        if (bins.bin[i] < exposed.size()) exposed[bins.bin[i]] -= exposure_s * pixel.norm / static_cast<double>(bins.norm[i]);
    }
    set_dark(sums, exposed, without_pixels(*corrections.dark, left_out_pixels));
    return sums;
}

PixelSum corrected_pixels(PixelSum sum, BinMap const& bins, FrameList const& frames, CountCorrections const& corrections,
                          std::vector<std::string>& flags) {
    auto const undone = corrections.dead_time ? undo_dead_time(sum, bins, frames, corrections.dead_time->seconds) : DeadTimeUndone::yes;
    if (undone == DeadTimeUndone::saturated) flags.emplace_back("dead_time_saturated");
    if (undone == DeadTimeUndone::withheld) flags.emplace_back("dead_time_withheld");
    if (corrections.dark) set_dark(sum, *corrections.dark->pixels);
    return sum;
}

} // namespace sqd
