#include "daemon/verbs/stop_guard.hpp"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <chrono>

namespace sqd {
namespace {

void watch(std::stop_token const& ended, ServiceSignals const& signals) {
    using Clock = std::chrono::steady_clock;
    auto const deadline = Clock::now() + std::chrono::duration<double>(StopGuard::drain_s);
    while (!ended.stop_requested()) {
        int const came = signals.next();
        if (came == SIGINT || came == SIGTERM) {
            spdlog::critical("stopping at once: asked to for the second time");
            _exit(128 + came);
        }
        if (Clock::now() > deadline) {
            spdlog::critical("stopping at once: finishing took more than {:g} s", StopGuard::drain_s);
            _exit(1);
        }
    }
}

} // namespace

StopGuard::StopGuard(ServiceSignals const& signals) : thread_([&signals](std::stop_token const& ended) { watch(ended, signals); }) {}

} // namespace sqd
