// What the system knows of this process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sqd {

struct ProcessFacts {
    std::uint64_t rss_bytes = 0;
    std::size_t threads = 0, open_fds = 0;
    double cpu_s = 0;              ///< of all its threads, user and system
    std::uint64_t fds_allowed = 0; ///< soft limit
};

/// From /proc/self; what is not there is 0.
ProcessFacts process_facts();

} // namespace sqd
