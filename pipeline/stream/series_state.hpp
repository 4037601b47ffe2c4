// A running series as a value: what whoever starts again needs to go on with it.
#pragma once

#include "pipeline/core/frame.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/frame_sums.hpp"
#include "pipeline/reduce/scan_counts.hpp"
#include "pipeline/stream/frame_ledger.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Who a series is and what was said of it; the detector says it once. Small but for the pixel mask, and seldom changed.
struct SeriesOpening {
    SeriesStart header;                        ///< with the detector's pixel mask that is in force, whichever series brought it
    std::optional<SeriesStart> told_by_image;  ///< what its first image said of it, where the start said little
    ScanIdentity scan;                         ///< its uid stays
    ScanAnnouncement said;                     ///< announced or in the appendix, merged
    std::optional<ScanAnnouncement> announced; ///< taken from the board: given back if no frame comes
    bool frames_came = false;                  ///< one at least
    std::optional<std::string> mark;           ///< Frame::mark of its first image; absent = its images name it, or none came
    bool announcement_taken = false;           ///< the board had one for it, at its start or later
    Sample sample;
    std::uint64_t expected = 0;
    bool announced_count = false;
    bool begun = false;    ///< by control: it outlives its series
    std::string request;   ///< UUID of the command that began it, may be empty
    std::string config_id; ///< of the configuration that it is reduced by, as ProcessorConfig has it
    /// Numbers of results up to this one may have been used; who goes on begins above it. Never below `result_numbers`.
    std::uint64_t reserved_results = 0;
    std::uint64_t revision = 0;  ///< a later opening of the same scan has a higher one
    std::int64_t started_ns = 0; ///< UTC
    /// Announced::id of what the board gave it since the program started; told beside the opening, not saved in it.
    std::string announcement_id = {};
};

/// How many numbers of results an opening reserves at a time: at ten a second more than a day's.
inline constexpr std::uint64_t result_numbers = 1'000'000;

/// Its frames so far.
struct SeriesProgress {
    LedgerEntries ledger;
    std::uint64_t first_place = 0, seen_before = 0, series = 1; ///< of a begun scan, as RunningSeries has them
    bool between = false;
    std::optional<std::uint64_t> first_image; ///< its number in the detector's count
    FrameList counts;
    std::uint64_t window = 1;              ///< frames that one of them may stand for, FrameWindows::window()
    std::shared_ptr<FrameSums const> sums; ///< null = nothing was summed
    std::uint64_t bins = 0;                ///< fingerprint() of the bins that counts and sums are on; 0 = there are none
    std::vector<std::string> flags;
    std::string refused;
    std::int64_t first_frame_ns = 0, last_frame_ns = 0;
    double ran_s = 0; ///< from its start to its latest frame
};

struct SeriesState {
    SeriesOpening opening;
    SeriesProgress progress;
};

} // namespace sqd
