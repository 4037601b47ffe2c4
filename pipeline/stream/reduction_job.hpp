// What travels from the processing to the reduction.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Flag of a scan whose frames' exposure nobody told: its intensities are per frame, not per second.
inline constexpr char const* exposure_unknown_flag = "exposure_unknown";

/// What the reduction of a scan needs; a value, cheap to copy.
struct ReductionJob {
    ScanIdentity scan;
    std::uint64_t result = 0;
    ResultState state = ResultState::partial;
    ScanCounts counts;
    std::optional<BinnedCounts> float_sums;    ///< in place of counts.frames: images of floating-point pixels
    double float_exposure_s = 0;               ///< of those, in all
    std::shared_ptr<PixelSum const> pixel_sum; ///< of finals, and of partials that are made of it; of weight 0 where a frame has no monitor
    FrameAccounting frames;                    ///< before the selection of points: used = accepted
    std::vector<RejectedFrame> rejected;       ///< finals only
    std::string config_id;                     ///< of the ProcessorConfig
    ReductionConfig config;
    double attenuation = 1;
    std::string calibrant; ///< which one, of a scan of that role; empty = nobody said
    bool map = false;      ///< points may lie off the sample
    BackgroundUse background_use = BackgroundUse::latest;
    std::string background_scan;
    bool extras = true;             ///< false: frames wait, a final goes without what only adds to it
    std::vector<std::string> flags; ///< "start_missed", "ended_by_silence", ...
    std::int64_t first_frame_ns = 0, last_frame_ns = 0;
};

/// Somebody told how long its frames were exposed.
bool exposure_known(ReductionJob const& job);

/// Bytes of the counts of all points.
std::size_t bytes_of(FrameList const& points);
/// What its frames' counts, images and sums take, but for what it shares with later jobs of the configuration.
std::size_t bytes_of(ReductionJob const& job);

/// Pixel seconds of every bin of float_sums.
std::vector<double> float_pixel_seconds(ReductionJob const& job);

} // namespace sqd
