// Commands that another thread of the program hands to the one that obeys them.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace sqd {

/// Bounded: beyond `most_waiting` nothing is taken.
class CommandDesk {
public:
    using Reply = nlohmann::ordered_json;
    static constexpr std::size_t most_waiting = 16;

    /// Called by `ask` when there is something to do; from its thread.
    explicit CommandDesk(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Waits for the reply as long as `patience`; nullopt: none came, or too many wait. It may still be obeyed.
    std::optional<Reply> ask(std::string command, std::chrono::milliseconds patience) {
        Waiting waiting{std::move(command), {}};
        std::future<Reply> answer = waiting.answer.get_future();
        {
            std::lock_guard const lock(mutex_);
            if (waiting_.size() >= most_waiting) return std::nullopt;
            waiting_.push_back(std::move(waiting));
        }
        wake_();
        if (answer.wait_for(patience) != std::future_status::ready) return std::nullopt;
        return answer.get();
    }
    /// Obeys what waits, one after the other.
    void serve(std::function<Reply(std::string const&)> const& obey) {
        while (auto waiting = next()) waiting->answer.set_value(obey(waiting->command));
    }

private:
    struct Waiting {
        std::string command;
        std::promise<Reply> answer;
    };
    std::optional<Waiting> next() {
        std::lock_guard const lock(mutex_);
        if (waiting_.empty()) return std::nullopt;
        std::optional<Waiting> out(std::move(waiting_.front()));
        waiting_.pop_front();
        return out;
    }

    std::function<void()> wake_;
    std::mutex mutex_;
    std::deque<Waiting> waiting_;
};

} // namespace sqd
