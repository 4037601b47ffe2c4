// How far a long run of frames has come, for people at a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sqd {

/// "[######....]" of 24 characters, full when all are done; frames is not 0.
std::string bar_text(std::uint64_t done, std::uint64_t frames);

/// A function that is told how many of `frames` (0 = not known) are done and draws a bar on standard error, at most five times a second;
/// where standard error is no terminal it does nothing.
std::function<void(std::uint64_t)> progress_bar(std::string const& what, std::uint64_t frames);

} // namespace sqd
