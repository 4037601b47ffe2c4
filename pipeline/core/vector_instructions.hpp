// The intrinsics of x86-64, where that is what is compiled for; nothing elsewhere.
#pragma once

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized" // GCC 12's own header: "undefined" registers that are wholly overwritten
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif
