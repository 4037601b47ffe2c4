// Half precision numbers, which C++20 has no type for.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace sqd {

/// The number of these bits: 1 of sign, 5 of exponent, 10 of fraction (IEEE 754 binary16).
inline double half_to_double(std::uint16_t bits) {
    int const exponent = bits >> 10 & 0x1F;
    double const fraction = bits & 0x3FF;
    double value = 0;
    if (exponent == 0)
        value = std::ldexp(fraction, -24);
    else if (exponent == 31)
        value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    else
        value = std::ldexp(fraction + 1024, exponent - 25);
    return bits & 0x8000 ? -value : value;
}

} // namespace sqd
