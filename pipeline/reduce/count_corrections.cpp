#include "pipeline/reduce/count_corrections.hpp"

#include "pipeline/reduce/selection.hpp"

namespace sqd {

BinnedCounts corrected_sums(BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames,
                            CountCorrections const& corrections, std::vector<std::string>& flags) {
    BinnedCounts sums = sum_frames(bins, frames);
    if (corrections.dead_time && undo_dead_time(sums, bins, frames, corrections.dead_time->seconds))
        flags.emplace_back("dead_time_saturated");
    if (corrections.dark) set_dark(sums, pixel_seconds(bins, frames), *corrections.dark);
    return sums;
}

PixelSum corrected_pixels(PixelSum sum, BinMap const& bins, std::vector<std::shared_ptr<FrameCounts const>> const& frames,
                          CountCorrections const& corrections, std::vector<std::string>& flags) {
    auto const undone = corrections.dead_time ? undo_dead_time(sum, bins, frames, corrections.dead_time->seconds) : DeadTimeUndone::yes;
    if (undone == DeadTimeUndone::saturated) flags.emplace_back("dead_time_saturated");
    if (undone == DeadTimeUndone::withheld) flags.emplace_back("dead_time_withheld");
    if (corrections.dark) set_dark(sum, *corrections.dark->pixels);
    return sum;
}

} // namespace sqd
