// Frames drawn and packed before anything is sent, repeated in turn while series run: a detector that is faster than any.
#pragma once

#include "daemon/simulate/scan_plan.hpp"
#include "detectors/simulated/message.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sqd::simulated {

/// Whose counts are shown: a frame of that series.
struct DrawnFrame {
    std::uint64_t series = 0, frame = 0;
    auto operator<=>(DrawnFrame const&) const = default;
};

/// What a series shows in turn, on the sample and off it; both empty: every frame is drawn anew.
struct DrawnFrames {
    std::vector<DrawnFrame> on_sample, off_sample;
    bool empty() const { return on_sample.empty() && off_sample.empty(); }
};

/// Of each series at most `prepared` frames of each kind: the first ones. Series of one role and one dialect (a word for each series) show
/// the same: number k of a kind is drawn by the first series that has so many, and by none after it. So what is drawn does not grow with
/// the number of series. `prepared` = 0: nothing is repeated.
std::vector<DrawnFrames> drawn_frames(std::vector<PlannedScan> const& scans, std::vector<std::string> const& dialects,
                                      std::uint64_t prepared);

/// Those that the series draws itself.
std::vector<std::uint64_t> own_frames(PlannedScan const& scan, DrawnFrames const& drawn);

/// Whose counts each frame shows: the k-th frame of a kind those of number k of its kind's drawn frames, counted around.
std::vector<DrawnFrame> shown_frames(PlannedScan const& scan, DrawnFrames const& drawn);

/// The parts of a message that are dear to make: packed images.
using Payloads = SharedMessage;
using MakePayloads = std::function<Payloads(std::uint64_t frame)>;
/// Of all series of a run.
using PackedFrames = std::map<DrawnFrame, Payloads>;

/// `pack` as it is where nothing is drawn ahead. Else calls it, from all cores, for the frames of its own that `packed` lacks, which keeps
/// them; hands out what is there. Series that draw come before those that show it. `packed` is used by one thread.
MakePayloads prepare(MakePayloads pack, PlannedScan const& scan, DrawnFrames const& drawn, std::shared_ptr<PackedFrames> packed);

} // namespace sqd::simulated
