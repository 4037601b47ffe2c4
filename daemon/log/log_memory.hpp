// The newest lines of the log, for the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

struct LogLine {
    std::uint64_t number = 0; ///< of this start of the program, from 1
    std::int64_t utc_ns = 0;
    std::string level; ///< "info", "warning", "error", "critical"
    std::string text;
};
using LogLines = std::vector<std::shared_ptr<LogLine const>>;

/// Bounded in lines and bytes; longer lines are cut. From any thread: neither side waits longer than it takes to copy some pointers.
class LogMemory {
public:
    static constexpr std::size_t most_lines = 400, most_bytes = 128 << 10, longest_line = 1000;

    void put(std::int64_t utc_ns, std::string_view level, std::string_view text) {
        auto line = std::make_shared<LogLine>(LogLine{0, utc_ns, std::string(level), std::string(text.substr(0, longest_line))});
        std::lock_guard const lock(mutex_);
        line->number = ++number_;
        bytes_ += line->text.size();
        lines_.push_back(std::move(line));
        while (lines_.size() > most_lines || bytes_ > most_bytes) {
            bytes_ -= lines_.front()->text.size();
            lines_.pop_front();
        }
    }
    /// Oldest first.
    LogLines lines() const {
        std::lock_guard const lock(mutex_);
        return {lines_.begin(), lines_.end()};
    }

private:
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<LogLine const>> lines_;
    std::uint64_t number_ = 0;
    std::size_t bytes_ = 0;
};

} // namespace sqd
