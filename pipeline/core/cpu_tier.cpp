#include "pipeline/core/cpu_tier.hpp"

namespace sqd {

CpuTier best_cpu_tier() {
#if defined(__x86_64__)
    bool const avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool const avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni");
    if (avx2 && avx512) return CpuTier::avx512;
    if (avx2) return CpuTier::avx2;
#endif
    return CpuTier::portable;
}

std::string_view name(CpuTier tier) {
    switch (tier) {
    case CpuTier::avx512: return "avx512";
    case CpuTier::avx2: return "avx2";
    case CpuTier::portable: break;
    }
    return "portable";
}

} // namespace sqd
