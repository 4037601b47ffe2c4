// What a service is told by signals, asked for when it suits.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <ctime>
#include <initializer_list>

namespace sqd {

/// SIGINT, SIGTERM and SIGHUP wait until they are asked for: blocked in this thread and in all that it starts from now on. So is SIGCHLD,
/// which nobody asks for: a program that ends interrupts no call of another thread.
class ServiceSignals {
public:
    ServiceSignals() {
        sigemptyset(&signals_);
        for (int const each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, each);
        sigset_t blocked = signals_;
        sigaddset(&blocked, SIGCHLD);
        pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    }
    /// Waits up to 20 ms; 0 = none came. From one thread at a time.
    int next() const {
        timespec const patience{0, 20'000'000};
        int const came = sigtimedwait(&signals_, nullptr, &patience);
        return came > 0 ? came : 0;
    }

private:
    sigset_t signals_;
};

} // namespace sqd
