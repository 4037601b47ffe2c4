#include "daemon/log/limited_sink.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace sqd {

LimitedSink::LimitedSink(std::shared_ptr<spdlog::sinks::sink> target, LogRates rates, std::shared_ptr<LogMemory> memory)
    : target_(std::move(target)), memory_(std::move(memory)), allowance_(rates) {}

LimitedSink::~LimitedSink() {
    tell(allowance_.take_rest());
}

void LimitedSink::sink_it_(spdlog::details::log_msg const& message) {
    double const now = std::chrono::duration<double>(message.time.time_since_epoch()).count();
    tell(allowance_.take_left_out(now));
    std::string const line = printable(std::string(message.payload.data(), message.payload.size()));
    if (message.level < spdlog::level::critical && !allowance_.take(line, now)) {
        ++left_out_;
        return;
    }
    write(spdlog::details::log_msg(message.time, message.source, message.logger_name, message.level, line));
}

void LimitedSink::tell(std::vector<LeftOut> const& left_out) {
    for (LeftOut const& kind : left_out) {
        std::string const text = std::to_string(kind.lines) + " lines left out like: " + kind.kind;
        write(spdlog::details::log_msg("sqd", spdlog::level::warn, text));
    }
}

/// Remembered first: whoever waits for the target's disk has no line less.
void LimitedSink::write(spdlog::details::log_msg const& line) {
    if (memory_ && line.level >= spdlog::level::info) {
        auto const level = spdlog::level::to_string_view(line.level);
        auto const utc_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(line.time.time_since_epoch()).count();
        memory_->put(utc_ns, {level.data(), level.size()}, {line.payload.data(), line.payload.size()});
    }
    target_->log(line);
}

void LimitedSink::flush_() {
    target_->flush();
}

void LimitedSink::set_pattern_(std::string const& pattern) {
    target_->set_pattern(pattern);
}

void LimitedSink::set_formatter_(std::unique_ptr<spdlog::formatter> formatter) {
    target_->set_formatter(std::move(formatter));
}

} // namespace sqd
