// Files into the chain, as if a detector had sent them.
#pragma once

#include "daemon/import/file_series.hpp"
#include "daemon/run/event_gate.hpp"
#include "pipeline/core/scan.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace sqd {

/// What is said of one series of files on the command line; before what the files say of themselves.
struct FileScan {
    std::optional<Role> role = std::nullopt;
    std::optional<std::string> name = std::nullopt, calibrant = std::nullopt;
    std::optional<MapGrid> grid = std::nullopt;
};

/// What became of it.
struct FedFiles {
    std::uint64_t images = 0, unread = 0;
    bool stopped = false;
};

/// Feeds everything that `files` say, at most `rate_hz` images per second (0 = as fast as they are taken), and the end of the series if
/// the files have none. What cannot be read goes to the gate as a message that was not understood. `progress(images)` after each image.
FedFiles feed_files(FileSeries const& files, FileScan const& scan, EventGate gate, double rate_hz, std::stop_token const& stop,
                    std::function<void(std::uint64_t)> const& progress);

} // namespace sqd
