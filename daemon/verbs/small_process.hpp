// For a process that works for the service: it must not be able to take from it.
#pragma once

namespace sqd {

/// This process ends with the thread that started it, takes half a minute of computing at most and 1 GB more than it has, and runs when
/// nobody else wants to (nice 19). What the system refuses of it is left.
void stay_small();

} // namespace sqd
