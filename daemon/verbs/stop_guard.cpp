#include "daemon/verbs/stop_guard.hpp"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

namespace sqd {
namespace {

/// Says why, and ends; where nobody takes the log any more, without having said it.
[[noreturn]] void end_at_once(std::string const& why, int code) {
    std::promise<void> said;
    std::thread([&] {
        spdlog::critical("stopping at once: {}", why);
        said.set_value();
    }).detach();
    said.get_future().wait_for(std::chrono::seconds(2));
    _exit(code); // nothing above goes out of scope
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
