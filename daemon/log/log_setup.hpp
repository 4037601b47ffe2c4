// Where the program's log goes and how its lines look.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sqd {

enum class LogForm { terminal, journal, file };

/// Of standard error: a terminal has colours and the time of day, systemd's journal priorities before the line and no time (it has its
/// own), a file or pipe the full time. `journal_stream`: the variable JOURNAL_STREAM, null = not set; it counts only where it names
/// what standard error is, since children inherit it.
LogForm log_form(int stderr_fd, char const* journal_stream);

/// Logs to standard error at a limited rate (LimitedSink), warnings and errors only where `quiet`. Returns the count of lines left out
/// so far.
std::function<std::uint64_t()> set_up_log(bool quiet);

} // namespace sqd
