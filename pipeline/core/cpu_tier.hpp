// Which vector instructions the hot loops may use, found out at run time: one program for every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sqd {

/// In ascending order; a machine that has one has those before it. All give the same results to the bit.
enum class CpuTier : std::uint8_t {
    portable, ///< what every x86-64 has, or another architecture
    avx2,     ///< AVX2 and BMI: 2013 and later
    avx512,   ///< AVX-512 F, BW, DQ, VL, VBMI and GFNI: Ice Lake, Zen 4 and later
};

inline constexpr std::array all_cpu_tiers{CpuTier::portable, CpuTier::avx2, CpuTier::avx512};

/// The highest tier of this machine. Costs next to nothing.
CpuTier best_cpu_tier();

/// "portable", "avx2", "avx512".
std::string_view name(CpuTier tier);

} // namespace sqd
