// Ctrl-C and systemd's stop, asked for when it suits.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <ctime>

namespace sqd {

/// SIGINT and SIGTERM wait until they are asked for: blocked in this thread and in all that it starts from now on.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }
    /// True when one came; waits up to 20 ms for it.
    bool came() const {
        timespec const patience{0, 20'000'000};
        return sigtimedwait(&signals_, nullptr, &patience) > 0;
    }

private:
    sigset_t signals_;
};

} // namespace sqd
