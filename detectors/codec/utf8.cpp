// One character at a time: the first byte says how many follow and what the second may be.
#include "detectors/codec/utf8.hpp"

#include <cstddef>

namespace sqd {

namespace {

/// Bytes after the first one, and the range of the second that keeps out overlong forms, surrogates and what is too large.
struct Sequence {
    std::size_t following = 0;
    unsigned char lowest = 0x80, highest = 0xBF;
    bool legal = true;
};

Sequence sequence_after(unsigned char first) {
    if (first < 0x80) return {};
    if (first < 0xC2 || first > 0xF4) return {0, 0, 0, false};
    if (first < 0xE0) return {1};
    if (first == 0xE0) return {2, 0xA0, 0xBF};
    if (first == 0xED) return {2, 0x80, 0x9F};
    if (first < 0xF0) return {2};
    if (first == 0xF0) return {3, 0x90, 0xBF};
    if (first == 0xF4) return {3, 0x80, 0x8F};
    return {3};
}

} // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        auto const sequence = sequence_after(static_cast<unsigned char>(text[i++]));
        if (!sequence.legal || sequence.following > text.size() - i) return false;
        for (std::size_t k = 0; k < sequence.following; ++k, ++i) {
            auto const byte = static_cast<unsigned char>(text[i]);
            if (k == 0 ? byte < sequence.lowest || byte > sequence.highest : (byte & 0xC0) != 0x80) return false;
        }
    }
    return true;
}

} // namespace sqd
