// Word to systemd: ready, alive, stopping. Nothing where it is not the parent, or was not there at build time.
#pragma once

namespace sqd {

void notify_ready();
/// From the processing thread: a wedged reduction is noticed, not only a dead process.
void notify_watchdog();
void notify_stopping();

} // namespace sqd
