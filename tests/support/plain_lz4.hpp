// LZ4 as its format says, byte by byte: what faster decoders are held against.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sqd::test {

/// The bytes of a block (lz4_Block_format.md); nullopt where it does not give exactly `bytes`, copies from before the beginning or ends
/// with anything but literals.
inline std::optional<std::vector<std::byte>> plain_lz4(std::span<std::byte const> block, std::size_t bytes) {
    std::vector<std::byte> out;
    std::size_t at = 0;
    auto const next = [&] { return at < block.size() ? std::to_integer<int>(block[at++]) : -1; };
    auto const length = [&](int start) -> std::optional<std::size_t> { // of a field of four bits
        auto total = static_cast<std::size_t>(start);
        for (int more = start == 15 ? 255 : 0; more == 255;) {
            more = next();
            if (more < 0) return std::nullopt;
            total += static_cast<std::size_t>(more);
        }
        return total;
    };
    for (int token = next(); token >= 0; token = next()) {
        auto const literals = length(token >> 4);
        if (!literals || *literals > block.size() - at || *literals > bytes - out.size()) return std::nullopt;
        for (std::size_t i = 0; i < *literals; ++i) out.push_back(block[at++]);
        if (at == block.size()) return out.size() == bytes ? std::optional(out) : std::nullopt;
        int const low = next(), high = next();
        auto const match = low < 0 || high < 0 ? std::nullopt : length(token & 15);
        std::size_t const offset = match ? static_cast<std::size_t>(low + 256 * high) : 0;
        if (offset == 0 || offset > out.size() || *match + 4 > bytes - out.size()) return std::nullopt;
        for (std::size_t i = 0; i < *match + 4; ++i) out.push_back(out[out.size() - offset]);
    }
    return std::nullopt;
}

} // namespace sqd::test
