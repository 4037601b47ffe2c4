#include "pipeline/stream/frame_windows.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/joined_frames.hpp"
#include "pipeline/stream/frame_ledger.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace sqd {

namespace {

std::uint64_t last_number(FrameCounts const& point) {
    return point.joined.empty() ? point.number : point.joined.back().number;
}

std::uint64_t first_number(std::shared_ptr<FrameCounts const> const& point) {
    return point->number;
}

} // namespace

FrameWindows::FrameWindows(FrameList points, std::uint64_t window, std::size_t most_points)
    : most_points_(most_points), points_(std::move(points)), window_(window), frames_(frames_in(points_)) {
    bool const apart =
        std::ranges::adjacent_find(points_, [](auto const& a, auto const& b) { return last_number(*a) >= b->number; }) == points_.end();
    bool const single = frames_ == points_.size();
    bool const believed = std::ranges::all_of(points_, [](auto const& point) { return last_number(*point) < max_frame_number; });
    if (!std::has_single_bit(window) || window > std::bit_ceil(max_frame_number) || !believed || !(window == 1 ? single : apart))
        throw DataError("windows that no series can have");
}

/// The point that a frame of this number is of, else where a point of its own goes in before.
FrameList::iterator FrameWindows::window_of(std::uint64_t number) {
    auto const behind = std::ranges::upper_bound(points_, number, {}, first_number);
    if (behind == points_.begin()) return behind;
    auto const& before = **std::prev(behind);
    return number <= last_number(before) || number / window_ == before.number / window_ ? std::prev(behind) : behind;
}

void FrameWindows::add(std::shared_ptr<FrameCounts const> const& frame) {
    ++frames_;
    std::uint64_t const number = frame->number;
    for (;; window_ *= 2, join_neighbours()) {
        auto const at = window_ > 1 ? window_of(number) : points_.end();
        bool const shared = at != points_.end() && ((*at)->number <= number || (*at)->number / window_ == number / window_);
        if (shared) {
            assert((*at)->number != number);
            *at = std::make_shared<FrameCounts const>(join(**at, *frame));
            return;
        }
        if (points_.size() < most_points_) {
            points_.insert(at, frame);
            return;
        }
    }
}

/// After a change of the window or of numbers.
void FrameWindows::join_neighbours() {
    FrameList joined;
    for (auto& point : in_order_of_number(std::exchange(points_, {}))) {
        if (!joined.empty() && joined.back()->number / window_ == point->number / window_)
            joined.back() = std::make_shared<FrameCounts const>(join(*joined.back(), *point));
        else
            joined.push_back(std::move(point));
    }
    points_ = std::move(joined);
}

void FrameWindows::shift(std::uint64_t first, std::uint64_t by) {
    for (auto& point : points_) {
        if (last_number(*point) < first) continue;
        auto moved = std::make_shared<FrameCounts>(*point); // partial results may hold the old one
        for (auto& frame : moved->joined)
            if (frame.number >= first) frame.number += by;
        if (moved->joined.empty()) moved->number += by;
        summarise(*moved);
        point = std::move(moved);
    }
    if (window_ > 1) join_neighbours();
}

void FrameWindows::clear() {
    points_.clear();
    frames_ = 0;
    window_ = 1;
}

} // namespace sqd
