// Tells from frame numbers where one series ends and the next begins, for formats that name no series.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace sqd {

/// Watches the frame numbers of one sender. Senders may reorder: a number not seen yet and up to `reorder_window` below the highest is
/// late. A number that comes again with the same content is a duplicate; with other content it begins a series, and so does a deeper fall,
/// for the first frames of a series may be lost.
class FrameReset {
public:
    static constexpr std::uint64_t reorder_window = 16;

    /// True where the frame of this number begins a new series. The first number after construction or restart() does not: it belongs
    /// to the series that is running. `content` stands for the pixels: the same for the same ones.
    bool operator()(std::uint64_t number, std::uint64_t content) {
        bool const next = running_ && begins_anew(number, content);
        if (next || !running_) {
            running_ = true;
            highest_ = number;
            contents_.fill(std::nullopt);
        }
        for (; highest_ < number && number - highest_ <= reorder_window; ++highest_) slot(highest_ + 1).reset();
        if (highest_ < number) { // a leap: all numbers in the window are new
            highest_ = number;
            contents_.fill(std::nullopt);
        }
        slot(number) = content;
        return next;
    }
    /// A series began by other means than its frame numbers.
    void restart() { running_ = false; }

private:
    std::optional<std::uint64_t>& slot(std::uint64_t number) { return contents_[number % contents_.size()]; }

    bool begins_anew(std::uint64_t number, std::uint64_t content) {
        if (number > highest_) return false;
        return highest_ - number > reorder_window || slot(number).value_or(content) != content;
    }

    bool running_ = false; ///< the running series has a frame
    std::uint64_t highest_ = 0;
    std::array<std::optional<std::uint64_t>, reorder_window + 1> contents_; ///< of the highest number and those below it, by number
};

} // namespace sqd
