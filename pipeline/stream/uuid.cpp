#include "pipeline/stream/uuid.hpp"

#include <random>

namespace sqd {

std::string new_uuid() {
    std::random_device device;
    std::uniform_int_distribution<unsigned> byte(0, 255);
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    for (int i = 0; i < 16; ++i) {
        unsigned value = byte(device);
        if (i == 6) value = (value & 0x0fU) | 0x40U; // version 4, random
        if (i == 8) value = (value & 0x3fU) | 0x80U; // variant of RFC 4122
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += hex[value >> 4U];
        out += hex[value & 15U];
    }
    return out;
}

} // namespace sqd
