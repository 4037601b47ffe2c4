// Who goes first when there are more threads than cores.
#pragma once

namespace sqd {

/// The calling thread, and those that it starts, run in the time that threads of the usual priority leave (nice 10: about a tenth of a core
/// that both want). Linux only gives a thread a priority of its own; nothing happens elsewhere, or where it is refused.
void yield_to_others();

} // namespace sqd
