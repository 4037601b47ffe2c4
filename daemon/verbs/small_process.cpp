#include "daemon/verbs/small_process.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace sqd {
namespace {

/// Pages of address space: more than memory, since libraries reserve what they do not use.
rlim_t address_space() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void limit(__rlimit_resource what, rlim_t most) {
    rlimit const both{most, most};
    setrlimit(what, &both);
}

} // namespace

void stay_small() {
    constexpr rlim_t most_more = rlim_t{1} << 30, most_cpu_s = 30;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CPU, most_cpu_s);
    if (rlim_t const has = address_space(); has > 0) limit(RLIMIT_AS, has + most_more);
    constexpr int nice_most = 19;
    setpriority(PRIO_PROCESS, 0, nice_most);
}

} // namespace sqd
