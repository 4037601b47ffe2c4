#include "daemon/run/thread_name.hpp"

#include <pthread.h>

namespace sqd {

void name_thread(char const* name) {
    pthread_setname_np(pthread_self(), name);
}

} // namespace sqd
