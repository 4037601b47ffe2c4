#include "daemon/run/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace sqd {

std::size_t raise_descriptor_limit() {
    constexpr rlim_t enough = 16384; // more would only let more go wrong
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    rlim_t const before = limit.rlim_cur;
    limit.rlim_cur = std::max(before, std::min(limit.rlim_max, enough));
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

} // namespace sqd
