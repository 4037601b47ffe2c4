// The framing of HDF5's LZ4 and bitshuffle-LZ4 filters, which DECTRIS sends: a 12-byte header, then blocks with their lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// u64 big-endian size of the pixels in bytes, u32 big-endian size of a block in bytes.
inline constexpr std::size_t framing_header_bytes = 12;
/// Each block is led by its compressed length, u32 big-endian.
inline constexpr std::size_t block_length_bytes = 4;

/// How `total` bytes are cut into blocks: full ones, then one of `last` bytes (0 = none), then `tail` bytes that are stored as
/// they are, without a length.
struct BlockLayout {
    std::size_t total = 0, block = 0, full_blocks = 0, last = 0, tail = 0;

    std::size_t blocks() const { return full_blocks + (last > 0 ? 1 : 0); }
    std::size_t block_size(std::size_t i) const { return i < full_blocks ? block : last; }
    bool operator==(BlockLayout const&) const = default;
};

/// Layout of `total` bytes; a block is a multiple of `unit` bytes, which is 8 elements for bitshuffle (a bit plane is whole
/// bytes) and 1 for plain LZ4. `block` > 0 and a multiple of `unit`.
BlockLayout block_layout(std::size_t total, std::size_t block, std::size_t unit);

/// Steps through a payload, each length held against what is left; no memory is taken. Throws DecodeError: truncated where the payload
/// ends early or is too short for what LZ4 could make of it, mismatch where its header says other than `expected_bytes`, corrupt where
/// the block size is illegal or bytes are left over.
class BlockWalk {
public:
    /// A payload with the header; `unit` as for block_layout.
    BlockWalk(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t unit);
    /// A payload without it.
    BlockWalk(std::span<std::byte const> payload, BlockLayout const& layout);

    BlockLayout const& layout() const { return layout_; }
    /// The compressed bytes of the next of layout().blocks() blocks.
    std::span<std::byte const> next();
    /// After the last block: the uncompressed last bytes, which end the payload.
    std::span<std::byte const> tail();

private:
    std::span<std::byte const> take(std::size_t bytes);
    BlockLayout read_layout(std::size_t expected_bytes, std::size_t unit);

    std::span<std::byte const> rest_;
    BlockLayout layout_;
};

/// A payload and where its blocks lie; views into the payload.
struct FramedBlocks {
    BlockLayout layout;
    std::vector<std::span<std::byte const>> blocks; ///< compressed bytes, without the length
    std::span<std::byte const> tail;                ///< the uncompressed last bytes
};

/// All blocks of a walk. Throws as BlockWalk does.
FramedBlocks index_blocks(BlockWalk walk);
FramedBlocks index_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t unit);

/// The block that bitshuffle cuts by itself, in bytes, for elements of 1, 2 and 4 bytes alike.
inline constexpr std::size_t bitshuffle_block_bytes = 8192;
/// True where a payload begins with the 12-byte header of so many bytes of pixels. Without the header it begins with a compressed length,
/// of which the first four bytes would have to be 0: no block has that.
bool has_framing_header(std::span<std::byte const> payload, std::size_t expected_bytes);
/// The same blocks without a header, as bitshuffle's own functions write them; `block` as for block_layout. Throws as index_blocks does.
FramedBlocks index_bare_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t block, std::size_t unit);

/// Decompresses a payload of HDF5's LZ4 filter (32004) so that it fills `out`; a block as long as what it holds is stored raw.
/// Throws DecodeError.
void decompress_framed_lz4(std::span<std::byte const> payload, std::span<std::byte> out);

} // namespace sqd
