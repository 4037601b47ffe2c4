// Tells from frame numbers alone where one series ends and the next begins, for formats that name no series.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace sqd {

/// Watches the frame numbers of one sender. A number seen again at once is a duplicate, and a number up to `reorder_window` below the
/// highest came late; neither begins a series. The lowest number again after others does, and so does a deeper fall: the first frames of a
/// series may be lost.
class FrameReset {
public:
    static constexpr std::uint64_t reorder_window = 16;

    /// True where the frame of this number begins a new series. The first number after construction or restart() does not: it belongs
    /// to the series that is running.
    bool operator()(std::uint64_t number) {
        bool const running = lowest_.has_value();
        bool const repeated = running && number == last_;
        bool const again = running && number == *lowest_ && highest_ > *lowest_;
        bool const fell = running && number < highest_ && highest_ - number > reorder_window;
        bool const next = !repeated && (again || fell);
        bool const first = !running || next;
        lowest_ = first ? number : std::min(*lowest_, number);
        highest_ = first ? number : std::max(highest_, number);
        last_ = number;
        return next;
    }
    /// A series began by other means than its frame numbers.
    void restart() { lowest_.reset(); }

private:
    std::optional<std::uint64_t> lowest_; ///< of the running series; absent: it has no frame yet
    std::uint64_t highest_ = 0, last_ = 0;
};

} // namespace sqd
