// Multipart messages as one input, laid out so that small mutations stay small.
//
// Byte 0: options of the decoder. Then parts: a byte whose lowest bit says that the part begins a message, the length (u16, lowest
// byte first), the bytes. A length beyond the end means all that is left.
#pragma once

#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace sqd::fuzz {

using Part = std::vector<std::byte>;
using Message = std::vector<Part>;

struct Conversation {
    unsigned options = 0;
    std::vector<Message> messages;
};

inline constexpr std::size_t part_header_bytes = 3, longest_part = 0xFFFF, most_parts = 64;

inline Conversation split(Bytes input) {
    Conversation out;
    Bytes rest;
    std::tie(out.options, rest) = take_byte(input);
    for (std::size_t parts = 0; parts < most_parts && rest.size() >= part_header_bytes; ++parts) {
        bool const begins = (rest[0] & std::byte{1}) != std::byte{0};
        auto const written = std::to_integer<std::size_t>(rest[1]) | std::to_integer<std::size_t>(rest[2]) << 8;
        rest = rest.subspan(part_header_bytes);
        auto const bytes = rest.first(std::min(written, rest.size()));
        if (begins || out.messages.empty()) out.messages.emplace_back();
        out.messages.back().emplace_back(bytes.begin(), bytes.end());
        rest = rest.subspan(bytes.size());
    }
    return out;
}

/// The inverse of split; parts beyond longest_part are cut.
inline Part join(Conversation const& conversation) {
    Part out{static_cast<std::byte>(conversation.options)};
    for (auto const& message : conversation.messages) {
        for (std::size_t i = 0; i < message.size(); ++i) {
            auto const length = std::min(message[i].size(), longest_part);
            out.push_back(static_cast<std::byte>(i == 0));
            out.push_back(static_cast<std::byte>(length & 0xFF));
            out.push_back(static_cast<std::byte>(length >> 8));
            out.insert(out.end(), message[i].begin(), message[i].begin() + static_cast<std::ptrdiff_t>(length));
        }
    }
    return out;
}

/// As a socket delivers it: every part in memory of its own, so that a read beyond its end is seen.
inline std::vector<MessagePart> received(Message const& message) {
    std::vector<MessagePart> parts;
    for (auto const& part : message) {
        auto const owner = std::make_shared<Part const>(part);
        parts.push_back({*owner, owner});
    }
    return parts;
}

} // namespace sqd::fuzz
