// How far a long run of frames has come, for people at a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sqd {

/// A function that is told how many of `frames` (0 = not known) are done and draws a bar on standard error, at most five times a second;
/// where standard error is no terminal it does nothing.
std::function<void(std::uint64_t)> progress_bar(std::string const& what, std::uint64_t frames);

} // namespace sqd
