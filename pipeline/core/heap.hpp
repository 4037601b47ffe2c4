// What the allocator does with memory that is given back.
#pragma once

#include <malloc.h>

namespace sqd {

/// Memory that curves are worked out in is kept for the next result. Else glibc gives some 9 MB back to the system after each one and the
/// next begins with 2000 page faults, a quarter of its time. What is larger than a few MB at a time goes back as before.
inline void keep_freed_memory() {
    constexpr int large = 4 << 20, most_kept = 64 << 20; // per arena
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_TRIM_THRESHOLD, most_kept);
}

} // namespace sqd
