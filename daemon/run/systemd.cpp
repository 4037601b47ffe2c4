#include "daemon/run/systemd.hpp"

#ifdef SQD_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace sqd {
namespace {

void notify([[maybe_unused]] char const* state) {
#ifdef SQD_HAVE_SYSTEMD
    sd_notify(0, state);
#endif
}

} // namespace

void notify_ready() {
    notify("READY=1");
}
void notify_watchdog() {
    notify("WATCHDOG=1");
}
void notify_stopping() {
    notify("STOPPING=1");
}

} // namespace sqd
