#include "daemon/web/process_facts.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <fstream>
#include <memory>
#include <string>

namespace sqd {
namespace {

/// Entries of /proc/self/fd without the two of every folder and the one that this looking opens.
std::size_t count_open_fds() {
    std::unique_ptr<DIR, int (*)(DIR*)> const folder(opendir("/proc/self/fd"), closedir);
    if (!folder) return 0;
    std::size_t entries = 0;
    while (readdir(folder.get()) != nullptr) ++entries;
    return entries > 3 ? entries - 3 : 0;
}

double seconds(timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

} // namespace

ProcessFacts process_facts() {
    ProcessFacts out;
    std::ifstream status("/proc/self/status");
    for (std::string key; status >> key;) {
        std::uint64_t value = 0;
        if (key == "VmRSS:" && status >> value) out.rss_bytes = value * 1024;
        if (key == "Threads:" && status >> value) out.threads = value;
        std::string rest;
        std::getline(status, rest);
    }
    out.open_fds = count_open_fds();
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) out.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) out.fds_allowed = limit.rlim_cur;
    return out;
}

} // namespace sqd
