// Where the program's log goes and how its lines look.
#pragma once

#include "daemon/log/log_memory.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sqd {

enum class LogForm { terminal, journal, file };

/// Of standard error: a terminal has colours and the time of day, systemd's journal priorities before the line and no time (it has its
/// own), a file or pipe the full time. `journal_stream`: the variable JOURNAL_STREAM, null = not set; it counts only where it names
/// what standard error is, since children inherit it.
LogForm log_form(int stderr_fd, char const* journal_stream);

/// What the program can tell of its own log.
struct LogAccess {
    std::function<std::uint64_t()> left_out; ///< lines so far
    std::shared_ptr<LogMemory const> memory;
};

/// Logs to standard error at a limited rate (LimitedSink), warnings and errors only where `quiet`.
LogAccess set_up_log(bool quiet);

} // namespace sqd
