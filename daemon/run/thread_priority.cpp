#include "daemon/run/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace sqd {

void yield_to_others() {
    constexpr int nice = 10;
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
}

} // namespace sqd
