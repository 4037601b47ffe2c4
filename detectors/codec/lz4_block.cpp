// The only caller of liblz4's decompressor: the bounded one, every length checked.
#include "detectors/codec/lz4_block.hpp"

#include "pipeline/core/errors.hpp"

#include <lz4.h>

#include <string>

namespace sqd {

void require_lz4_ratio(std::size_t packed, std::size_t unpacked) {
    if (packed < unpacked / largest_lz4_ratio)
        throw DecodeError(DecodeFault::truncated, "LZ4 data of " + std::to_string(packed) + " bytes (no LZ4 data so short give " +
                                                      std::to_string(unpacked) + " bytes)");
}

void decompress_lz4_block(std::span<std::byte const> block, std::span<std::byte> out) {
    if (block.size() > LZ4_MAX_INPUT_SIZE || out.size() > LZ4_MAX_INPUT_SIZE)
        throw DecodeError(DecodeFault::oversized, "LZ4 block of " + std::to_string(out.size()) + " bytes (LZ4 ends at 2 GB)");
    int const written = LZ4_decompress_safe(reinterpret_cast<char const*>(block.data()), reinterpret_cast<char*>(out.data()),
                                            static_cast<int>(block.size()), static_cast<int>(out.size()));
    if (written < 0 || static_cast<std::size_t>(written) != out.size())
        throw DecodeError(DecodeFault::corrupt, "LZ4 block does not give " + std::to_string(out.size()) + " bytes (result " +
                                                    std::to_string(written) + " of " + std::to_string(block.size()) + " bytes in)");
}

} // namespace sqd
