#include "daemon/simulate/prepared_frames.hpp"

#include "daemon/simulate/frame_ring.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>
#include <utility>

namespace sqd::simulated {

DrawnFrames drawn_frames(PlannedScan const& scan, std::uint64_t prepared) {
    DrawnFrames drawn;
    for (std::uint64_t i = 0; i < scan.frames; ++i) {
        auto& kind = scan.on_sample[i] ? drawn.on_sample : drawn.off_sample;
        if (kind.size() < prepared) kind.push_back(i);
    }
    return drawn;
}

std::vector<std::uint64_t> shown_frames(PlannedScan const& scan, DrawnFrames const& drawn) {
    std::vector<std::uint64_t> shown;
    shown.reserve(scan.frames);
    std::uint64_t on = 0, off = 0;
    for (std::uint64_t i = 0; i < scan.frames; ++i)
        shown.push_back(scan.on_sample[i] ? drawn.on_sample[on++ % drawn.on_sample.size()]
                                          : drawn.off_sample[off++ % drawn.off_sample.size()]);
    return shown;
}

MakePayloads prepare(MakePayloads pack, PlannedScan const& scan, std::uint64_t prepared) {
    if (prepared == 0) return pack;
    auto const drawn = drawn_frames(scan, prepared);
    auto frames = drawn.on_sample;
    frames.insert(frames.end(), drawn.off_sample.begin(), drawn.off_sample.end());
    FrameRing ring(
        frames.size(), [&](std::uint64_t i) { return pack(frames[i]); }, std::max(1U, std::thread::hardware_concurrency()), frames.size());
    auto const kept = std::make_shared<std::map<std::uint64_t, Payloads>>();
    for (auto const frame : frames) kept->emplace(frame, ring.next());
    return [kept, shown = shown_frames(scan, drawn)](std::uint64_t frame) { return kept->at(shown[frame]); };
}

} // namespace sqd::simulated
