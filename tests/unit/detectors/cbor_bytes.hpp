// CBOR for tests: bytes of hexadecimal text, and items put together by hand.
#pragma once

#include "detectors/codec/cbor.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqd::test {

/// Blanks are left out.
inline Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    unsigned value = 0, digits = 0;
    for (char const c : hex) {
        if (c == ' ') continue;
        value = 16 * value + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
        if (++digits % 2 == 0) bytes.push_back(static_cast<std::byte>(value & 0xFF));
    }
    return bytes;
}

inline Bytes joined(std::initializer_list<Bytes> pieces) {
    Bytes all;
    for (auto const& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
    return all;
}

/// The head of an item, its argument always in eight bytes: a legal form that encoders seldom choose.
inline Bytes cbor_head(unsigned major, std::uint64_t argument) {
    Bytes head{static_cast<std::byte>(major << 5 | 27)};
    append_big(head, argument, 8);
    return head;
}

inline Bytes cbor_text(std::string_view text) {
    auto item = cbor_head(3, text.size());
    for (char const c : text) item.push_back(static_cast<std::byte>(c));
    return item;
}

inline Bytes cbor_bytes(Bytes const& bytes) {
    return joined({cbor_head(2, bytes.size()), bytes});
}

inline Bytes cbor_unsigned(std::uint64_t value) {
    return cbor_head(0, value);
}

/// What `read` throws, if it does.
template <class Read>
std::optional<DecodeFault> fault_of(Read const& read) {
    try {
        read();
    } catch (DecodeError const& error) {
        return error.fault();
    }
    return std::nullopt;
}

} // namespace sqd::test
