#include "daemon/simulate/prepared_frames.hpp"

#include "daemon/simulate/frame_ring.hpp"

#include <algorithm>
#include <thread>
#include <tuple>
#include <utility>

namespace sqd::simulated {

std::vector<DrawnFrames> drawn_frames(std::vector<PlannedScan> const& scans, std::vector<std::string> const& dialects,
                                      std::uint64_t prepared) {
    std::map<std::tuple<Role, std::string, bool>, std::vector<DrawnFrame>> pools; // by role, dialect, on the sample
    std::vector<DrawnFrames> out;
    for (std::size_t s = 0; s < scans.size(); ++s) {
        PlannedScan const& scan = scans[s];
        DrawnFrames drawn;
        for (std::uint64_t i = 0; i < scan.frames; ++i) {
            bool const on = scan.on_sample[i];
            auto& kind = on ? drawn.on_sample : drawn.off_sample;
            if (kind.size() >= prepared) continue;
            auto& pool = pools[{scan.role, dialects[s], on}];
            if (pool.size() == kind.size()) pool.push_back({scan.series_id, i});
            kind.push_back(pool[kind.size()]);
        }
        out.push_back(std::move(drawn));
    }
    return out;
}

std::vector<std::uint64_t> own_frames(PlannedScan const& scan, DrawnFrames const& drawn) {
    std::vector<std::uint64_t> own;
    for (auto const* kind : {&drawn.on_sample, &drawn.off_sample})
        for (auto const& each : *kind)
            if (each.series == scan.series_id) own.push_back(each.frame);
    return own;
}

std::vector<DrawnFrame> shown_frames(PlannedScan const& scan, DrawnFrames const& drawn) {
    std::vector<DrawnFrame> shown;
    shown.reserve(scan.frames);
    std::uint64_t on = 0, off = 0;
    for (std::uint64_t i = 0; i < scan.frames; ++i)
        shown.push_back(scan.on_sample[i] ? drawn.on_sample[on++ % drawn.on_sample.size()]
                                          : drawn.off_sample[off++ % drawn.off_sample.size()]);
    return shown;
}

MakePayloads prepare(MakePayloads pack, PlannedScan const& scan, DrawnFrames const& drawn, std::shared_ptr<PackedFrames> packed) {
    if (drawn.empty()) return pack;
    auto frames = own_frames(scan, drawn);
    std::erase_if(frames, [&](std::uint64_t frame) { return packed->contains({scan.series_id, frame}); });
    FrameRing ring(
        frames.size(), [&](std::uint64_t i) { return pack(frames[i]); }, std::max(1U, std::thread::hardware_concurrency()), frames.size());
    for (auto const frame : frames) packed->emplace(DrawnFrame{scan.series_id, frame}, ring.next());
    return [packed = std::move(packed), shown = shown_frames(scan, drawn)](std::uint64_t frame) { return packed->at(shown[frame]); };
}

} // namespace sqd::simulated
