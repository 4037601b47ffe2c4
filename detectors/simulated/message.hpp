// A multipart message as a detector would send it: bytes only, no socket.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace sqd::simulated {

using Part = std::vector<std::byte>;
using Message = std::vector<Part>;

/// How much a DECTRIS detector says before its images: its configuration (basic), and its flat field and mask, too (all).
enum class HeaderDetail { none, basic, all };

/// The bytes of a text.
inline Part part_of(std::string_view text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// The bytes of an array, in this machine's (little-endian) order.
template <class T>
Part part_of(std::span<T const> values) {
    auto const bytes = std::as_bytes(values);
    return {bytes.begin(), bytes.end()};
}

} // namespace sqd::simulated
