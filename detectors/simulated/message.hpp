// A multipart message as a detector would send it: bytes only, no socket.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd::simulated {

using Part = std::vector<std::byte>;
using Message = std::vector<Part>;
/// Bytes that several messages, and the queue of a socket, hold without copies.
using SharedPart = std::shared_ptr<Part const>;
using SharedMessage = std::vector<SharedPart>;

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

/// Its parts, moved.
inline SharedMessage shared(Message message) {
    SharedMessage out;
    for (auto& part : message) out.push_back(std::make_shared<Part const>(std::move(part)));
    return out;
}
/// Its parts, copied.
inline Message copied(SharedMessage const& message) {
    Message out;
    for (auto const& part : message) out.push_back(*part);
    return out;
}

} // namespace sqd::simulated
