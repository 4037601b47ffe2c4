// A sink of the log that lets through what its allowance has, and says what it left out.
#pragma once

#include "daemon/log/log_allowance.hpp"
#include "daemon/log/log_memory.hpp"

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace sqd {

/// What ends the program (critical) always goes through. Time is that of the lines; control characters in them read `?`, so that nobody who
/// is quoted there writes lines of his own. What goes through is remembered, too, where there is a memory.
class LimitedSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit LimitedSink(std::shared_ptr<spdlog::sinks::sink> target, LogRates rates = {}, std::shared_ptr<LogMemory> memory = {});
    ~LimitedSink() override;
    LimitedSink(LimitedSink const&) = delete;
    LimitedSink& operator=(LimitedSink const&) = delete;

    std::uint64_t left_out() const { return left_out_; }

protected:
    void sink_it_(spdlog::details::log_msg const& message) override;
    void flush_() override;
    void set_pattern_(std::string const& pattern) override;
    void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override;

private:
    void tell(std::vector<LeftOut> const& left_out);
    void write(spdlog::details::log_msg const& line);

    std::shared_ptr<spdlog::sinks::sink> target_;
    std::shared_ptr<LogMemory> memory_; ///< may be null
    LogAllowance allowance_;
    std::atomic<std::uint64_t> left_out_{0};
};

} // namespace sqd
