// One series from its start to its final: what is known of it, its frames so far, its books.
#pragma once

#include "pipeline/reduce/frame_accumulator.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/events.hpp"
#include "pipeline/stream/frame_ledger.hpp"
#include "pipeline/stream/frame_windows.hpp"
#include "pipeline/stream/processor_config.hpp"
#include "pipeline/stream/reduction_job.hpp"
#include "pipeline/stream/series_state.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Images of floating-point pixels, summed.
struct FloatSum {
    std::vector<double> pixels;
    double frames = 0, weight = 0; ///< weight: sum of exposure times monitor
};

struct RunningSeries {
    SeriesKey key;
    SeriesStart header;                       ///< as it came; then with the pixel mask in force
    std::optional<SeriesStart> told_by_image; ///< what the first image said beyond it
    ScanIdentity scan;
    ScanAnnouncement said; ///< announced or in the appendix, merged
    ReductionConfig reduction;
    std::uint64_t expected = 0; ///< 0 = not known
    std::optional<std::uint64_t> header_count;
    bool announced_count = false;
    bool begun = false;                        ///< by control: it outlives its series, and ends when it is told to
    std::string request;                       ///< UUID of the command that began it
    std::string config_id;                     ///< of the configuration that it is reduced by
    std::uint64_t first_place = 0;             ///< of the series that runs now, in a scan of several: their frames follow on
    std::uint64_t seen_before = 0;             ///< frames of the series before it
    std::uint64_t series = 1;                  ///< of the scan, so far
    bool between = false;                      ///< one of them has ended, the next has not begun
    std::optional<ScanAnnouncement> announced; ///< taken from the board: given back if no frame comes
    bool frames_came = false;                  ///< also before a restart that nothing else of them survived
    std::optional<std::string> mark;           ///< of its first image, where images do not name it
    bool announcement_taken = false;           ///< at the start or later
    std::string announcement_id;               ///< of the last that the board gave it since the program started
    std::uint64_t ended_at = 0;                ///< ScanEnd::frames, where control ended it before a restart
    std::optional<double> exposure_s;          ///< from the header
    double frame_time_s = 0;
    std::optional<std::uint64_t> first_image; ///< its number in the detector's count; absent until the first comes
    bool first_image_told = false;            ///< otherwise it is the lowest of those that came
    std::optional<FrameAccumulator> accumulator;
    FrameWindows counts;
    std::vector<Frame> batch;
    std::size_t batch_bytes = 0; ///< its messages, and the memory to unpack them
    std::optional<FloatSum> float_sum;
    bool described = false; ///< the start said what the detector is
    double batch_since_s = 0, started_s = 0, last_event_s = 0, next_partial_s = 0, next_checkpoint_s = 0;
    std::size_t at_last_partial = 0;
    std::uint64_t at_last_checkpoint = 0; ///< frames seen
    std::uint64_t bins_fingerprint = 0;   ///< of the accumulator's
    std::optional<double> waits_until_s;  ///< interrupted by a restart: no frame of it has come since
    std::uint64_t revision = 0;           ///< of its opening
    std::int64_t started_ns = 0;          ///< UTC
    std::uint64_t reserved_results = result_numbers;
    FrameLedger ledger;
    std::uint64_t result = 0;
    std::vector<std::string> flags;
    std::string refused;
    std::int64_t first_frame_ns = 0, last_frame_ns = 0;

    /// From its header; `missed`: the header was made up from the first image.
    RunningSeries(SeriesStart const& start, ProcessorConfig const& config, bool missed);

    /// As it was when the state was taken, but for its sums: they come by restore_sums(). It is flagged `interrupted`. Throws DataError
    /// where the state cannot be that of any series.
    RunningSeries(SeriesState const& state, ProcessorConfig const& config);

    /// Role, name, points, sample: what was said wins, then the configuration.
    void resolve(ScanAnnouncement const& announcement, ProcessorConfig const& config);
    /// Place in the series of the image that the detector gave this number; nullopt where it is beyond belief. Where nobody told the first
    /// number, a lower one than all before moves their places up.
    std::optional<std::uint64_t> place_of(std::uint64_t number);
    /// What an image tells of its series and the start did not.
    void learn(SeriesStart const& about, ProcessorConfig const& config);
    /// Adds an image of floating-point pixels; those come one after another and are summed in that order.
    void add(FloatFrame const& frame);
    /// Seconds that a frame was exposed: as the header says, else the image, else the time it was really open; 1 and a flag if nobody
    /// knows.
    double exposure_of(std::optional<double> image_exposure_s, std::optional<std::int64_t> real_ns);
    /// Frames that are in the sums.
    std::size_t in_sums() const { return counts.frames() + (float_sum ? static_cast<std::size_t>(float_sum->frames) : 0); }
    /// Whether an image says that it is of this series, after a restart that a decoder's own count of series did not survive.
    bool knows(Frame const& frame) const;
    /// The detector said how many images there would be, and they are all here.
    bool complete() const { return header_count && !between && seen_here() >= *header_count; }
    /// Frames of the series that runs now.
    std::uint64_t seen_here() const { return ledger.seen() - seen_before; }
    /// The bins of a series. Throws DataError when the scan has frames in its sums that were put into others.
    void use_bins(std::shared_ptr<BinMap const> bins);
    /// One series of the scan has ended; `missed`: its end was not told, so that what it promised and did not send is missing.
    void leave(bool missed);
    /// The next one goes on where it left. Throws DataError when that is another measurement; then its frames are to be rejected.
    void join(SeriesStart const& start, ProcessorConfig const& config, bool missed);
    /// A flag once, however often its cause comes.
    void add_flag(std::string const& flag);
    /// Its curves are made of the sum of its images, or a cake is.
    bool needs_pixels() const;
    /// What the reduction needs of it as it stands; `sum` is where the sum of its images goes, null = nowhere. `parallel_for` copies it.
    ReductionJob job(ResultState state, ProcessorConfig const& config, std::shared_ptr<PixelSum> sum, ParallelFor const& parallel_for);

    SeriesOpening opening() const;
    /// Of a series without a batch that waits and without images of floating-point pixels (assert). `sums` is where its sums go.
    SeriesState state(std::shared_ptr<FrameSums> sums, ParallelFor const& parallel_for) const;
    /// The sums of an interrupted series, where its bins are the same still; else its frames are lost, each rejected as `other_bins`.
    void restore_sums(SeriesProgress const& progress);

private:
    void copy_sum(ReductionJob const& job, ParallelFor const& parallel_for, PixelSum& out) const;
    void begin_at(std::uint64_t number);
    void learn_counting(SeriesStart const& start, ProcessorConfig const& config);
    FrameList weighted_counts() const;
};

} // namespace sqd
