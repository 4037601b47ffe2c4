#include "daemon/verbs/progress.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>

namespace sqd {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::string line(std::string const& what, std::uint64_t done, std::uint64_t frames, double seconds) {
    std::string out = printable(what) + ' ';
    if (frames > 0) out += bar_text(done, frames) + ' ' + std::to_string(done) + '/' + std::to_string(frames);
    if (frames == 0) out += std::to_string(done);
    return out + " frames, " + fixed(seconds > 0 ? static_cast<double>(done) / seconds : 0, 1) + " Hz";
}

} // namespace

std::string bar_text(std::uint64_t done, std::uint64_t frames) {
    constexpr std::size_t width = 24;
    auto const full = static_cast<std::size_t>(static_cast<double>(width) * static_cast<double>(done) / static_cast<double>(frames));
    return '[' + std::string(std::min(full, width), '#') + std::string(width - std::min(full, width), '.') + ']';
}

std::function<void(std::uint64_t)> progress_bar(std::string const& what, std::uint64_t frames) {
    if (isatty(STDERR_FILENO) == 0) return [](std::uint64_t) {};
    return [what, frames, begin = SteadyClock::now(), last = SteadyClock::time_point{}](std::uint64_t done) mutable {
        auto const now = SteadyClock::now();
        if (done != frames && now - last < std::chrono::milliseconds(200)) return;
        last = now;
        auto const seconds = std::chrono::duration<double>(now - begin).count();
        std::fprintf(stderr, "\r%s%s", line(what, done, frames, seconds).c_str(), done == frames ? "\n" : "");
    };
}

} // namespace sqd
