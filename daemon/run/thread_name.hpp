// What the system calls a thread.
#pragma once

namespace sqd {

/// Of the calling thread, as `top -H` and a debugger show it, and of those that it starts; at most 15 characters.
void name_thread(char const* name);

} // namespace sqd
