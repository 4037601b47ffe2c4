// What is kept of each frame: its counts in every bin. Selections, maps and trends are made of these.
#pragma once

#include "pipeline/reduce/bin_map.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// Pixels of one bin that were invalid in one frame although the mask keeps them; their norm is missing from the bin.
struct BinDeficit {
    std::uint16_t bin;
    std::uint32_t pixels;
    double norm;
};

/// One accepted frame.
struct FrameCounts {
    std::uint64_t number = 0; ///< frame number in its series = point of the map
    double exposure_s = 1;
    double monitor = 1;
    std::vector<std::uint32_t> counts; ///< per bin
    std::vector<BinDeficit> deficits;  ///< ascending bins; mostly empty
};

using FrameList = std::vector<std::shared_ptr<FrameCounts const>>;

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

/// Per bin: exposure x pixels that were valid in the frame, and the sum of that over frames.
std::vector<double> pixel_seconds(BinMap const& bins, FrameCounts const& frame);
std::vector<double> pixel_seconds(BinMap const& bins, FrameList const& frames);

} // namespace sqd
