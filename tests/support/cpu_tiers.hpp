// The instruction sets that tests can run here.
#pragma once

#include "pipeline/core/cpu_tier.hpp"

#include <vector>

namespace sqd::test {

/// Ascending; the last one is what the program uses.
inline std::vector<CpuTier> cpu_tiers_here() {
    std::vector<CpuTier> out;
    for (CpuTier const tier : all_cpu_tiers) {
        if (tier <= best_cpu_tier()) out.push_back(tier);
    }
    return out;
}

} // namespace sqd::test
