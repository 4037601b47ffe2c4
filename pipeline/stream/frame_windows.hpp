// The points of a running series: its frames, and once these are too many, windows of 2, 4, 8 ... of them.
#pragma once

#include "pipeline/reduce/scan_counts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace sqd {

/// Keeps the counts of at most so many points, of any number of frames. While there is room each frame is a point, in order of arrival.
/// Then neighbours are joined in pairs, as often as it takes: a point is the window of the frames whose numbers are [k w, (k + 1) w), as
/// far as they came. Which frames are joined depends on which came, not on their order. Sums are those of the frames (joined_frames.hpp).
/// Memory: per point 4 bytes a bin (8 where 32 bits do not hold a sum) and for invalid pixels 48 bytes a bin at most, per frame 32 bytes.
class FrameWindows {
public:
    /// `most_points`: 1 at least.
    explicit FrameWindows(std::size_t most_points) : most_points_(most_points) {}
    /// What points() and window() of another one were. Throws DataError where they cannot have been.
    FrameWindows(FrameList points, std::uint64_t window, std::size_t most_points);

    /// A frame whose number is in none of the points (assert), on their bins.
    void add(std::shared_ptr<FrameCounts const> const& frame);
    /// All numbers from `first` on are `by` higher from now on.
    void shift(std::uint64_t first, std::uint64_t by);
    void clear();

    /// They do not change any more when further frames come: others take their place. With windows they are in order of number.
    FrameList const& points() const { return points_; }
    std::uint64_t frames() const { return frames_; }
    /// Numbers that a point covers; 1 = each is one frame.
    std::uint64_t window() const { return window_; }

private:
    FrameList::iterator window_of(std::uint64_t number);
    void join_neighbours();

    std::size_t most_points_;
    FrameList points_;
    std::uint64_t window_ = 1, frames_ = 0;
};

} // namespace sqd
