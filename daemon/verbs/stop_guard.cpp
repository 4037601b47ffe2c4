#include "daemon/verbs/stop_guard.hpp"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>

namespace sqd {
namespace {

std::atomic<int> exit_code = 1;
static_assert(std::atomic<int>::is_always_lock_free, "a signal's handler reads it");

/// Says why, and ends. Where nobody takes the log any more the alarm ends it, with the same code.
[[noreturn]] void end_at_once(std::string const& why, int code) {
    exit_code = code;
    std::signal(SIGALRM, [](int) { _exit(exit_code); });
    alarm(2);
    spdlog::critical("stopping at once: {}", why);
    _exit(code);
}

void watch(std::stop_token const& ended, ServiceSignals const& signals) {
    using Clock = std::chrono::steady_clock;
    auto const deadline = Clock::now() + std::chrono::duration<double>(StopGuard::drain_s);
    while (!ended.stop_requested()) {
        int const came = signals.next();
        if (came == SIGINT || came == SIGTERM) end_at_once("asked to for the second time", 128 + came);
        if (Clock::now() > deadline) end_at_once(fmt::format("finishing took more than {:g} s", StopGuard::drain_s), 1);
    }
}

} // namespace

StopGuard::StopGuard(ServiceSignals const& signals) : thread_([&signals](std::stop_token const& ended) { watch(ended, signals); }) {}

} // namespace sqd
