// What is kept of each frame: its counts in every bin. Selections, maps and trends are made of these. In a long scan a point is several
// frames together.
#pragma once

#include "pipeline/reduce/bin_map.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// Pixels of one bin that were invalid in one frame although the mask keeps them; their norm is missing from the bin.
struct BinDeficit {
    std::uint16_t bin;
    double pixels; ///< a whole number but for a mean
    double norm;
    bool operator==(BinDeficit const&) const = default;
};

/// What is kept of a frame whose counts were added to those of others.
struct JoinedFrame {
    std::uint64_t number = 0;
    double exposure_s = 1, monitor = 1;
    std::uint32_t deficits = 0; ///< which of the point's deficit_lists, counted from 1; 0 = no pixel was invalid
    bool operator==(JoinedFrame const&) const = default;
};

/// One point of a scan: an accepted frame, or several whose counts were added (joined_frames.hpp).
struct FrameCounts {
    std::uint64_t number = 0;                ///< frame number in its series = point of the map; of several frames the first one's
    double exposure_s = 1;                   ///< of all its frames
    double monitor = 1;                      ///< mean over the exposure; 0 where one of the frames has none
    std::vector<std::uint32_t> counts;       ///< per bin; what 32 bits do not hold is in `carries`
    std::vector<BinDeficit> deficits;        ///< ascending bins; mostly empty; mean over the exposure
    std::vector<std::uint32_t> carries = {}; ///< per bin, in units of 2^32; empty = none: only several frames have any
    std::vector<JoinedFrame> joined = {};    ///< ascending numbers; empty = the point is one frame
    std::vector<std::vector<BinDeficit>> deficit_lists = {}; ///< of the joined frames
};

/// Counts of a point in a bin.
inline std::uint64_t counts_in(FrameCounts const& point, std::size_t bin) {
    return point.counts[bin] + (point.carries.empty() ? 0 : std::uint64_t{point.carries[bin]} << 32);
}

/// Calls each(JoinedFrame const&, its deficits) for every frame of a point, by number.
template <class Each>
void for_each_frame(FrameCounts const& point, Each each) {
    if (point.joined.empty())
        return each(JoinedFrame{point.number, point.exposure_s, point.monitor}, std::span<BinDeficit const>(point.deficits));
    for (auto const& frame : point.joined)
        each(frame, frame.deficits == 0 ? std::span<BinDeficit const>() : std::span(point.deficit_lists[frame.deficits - 1]));
}

using FrameList = std::vector<std::shared_ptr<FrameCounts const>>;

inline std::size_t frames_in(FrameCounts const& point) {
    return point.joined.empty() ? 1 : point.joined.size();
}
std::size_t frames_in(FrameList const& points);

/// All accepted frames of a scan so far, in order of arrival; a value that is cheap to copy.
struct ScanCounts {
    std::shared_ptr<BinMap const> bins;
    FrameList frames;
};

/// Sums over frames. `norm` = sum over frames of monitor * exposure * (bin norm - deficit), `counts` is exact up to 2^53.
struct BinnedCounts {
    std::vector<double> counts, norm, pixels; ///< per bin; pixels = mean over frames
    double frames = 0;
    std::vector<double> variance = {};                 ///< of `counts`, where that is not Poisson's; empty = it is
    std::vector<double> dark = {}, dark_variance = {}; ///< counts of no photon, to be subtracted, and their variance; empty = not known
    std::string dark_uid = {};                         ///< scan that they come from
};

/// Floating sums must not depend on the order of arrival.
FrameList in_order_of_number(FrameList frames);

/// Seconds that all frames were exposed.
double exposure_of(FrameList const& frames);

/// Per bin: exposure x pixels that were valid in the frame, and the sum of that over frames.
std::vector<double> pixel_seconds(BinMap const& bins, FrameCounts const& frame);
std::vector<double> pixel_seconds(BinMap const& bins, FrameList const& frames);

} // namespace sqd
