// Frames drawn and packed before a series begins, repeated in turn while it runs: a detector that is faster than any.
#pragma once

#include "daemon/simulate/scan_plan.hpp"
#include "detectors/simulated/message.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace sqd::simulated {

/// The frames of a series that are drawn when only `prepared` of each kind are, on the sample and off it: the first ones.
struct DrawnFrames {
    std::vector<std::uint64_t> on_sample, off_sample;
};
DrawnFrames drawn_frames(PlannedScan const& scan, std::uint64_t prepared);

/// Whose counts each frame shows: the k-th frame of a kind those of number k of its kind's drawn frames, counted around.
std::vector<std::uint64_t> shown_frames(PlannedScan const& scan, DrawnFrames const& drawn);

/// The parts of a message that are dear to make: packed images.
using Payloads = SharedMessage;
using MakePayloads = std::function<Payloads(std::uint64_t frame)>;

/// `pack` as it is for `prepared` = 0. Else calls it for the drawn frames, from all cores, keeps what it gives, and hands that out.
MakePayloads prepare(MakePayloads pack, PlannedScan const& scan, std::uint64_t prepared);

} // namespace sqd::simulated
