// Reads frames packed by bitshuffle and LZ4 (HDF5 filter 32008 framing) tile by tile.
#pragma once

#include "detectors/codec/block_framing.hpp"
#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace sqd {

/// One bitshuffle-LZ4 frame. Where a block is one tile (8192 bytes of 32-bit pixels, what DECTRIS sends), or two or four (the same bytes
/// of narrower pixels), it is decompressed when a tile of it is read. Any other block size is legal, too: prepare() then decompresses the
/// frame once, and tiles are put together from the shuffled blocks.
class BitshuffleTiles final : public TileReader {
public:
    /// Whether the 12-byte header leads the payload: always, or perhaps (where senders disagree), and if not the blocks are bitshuffle's
    /// own.
    enum class Header { always, perhaps };

    BitshuffleTiles(MessagePart payload, PixelFormat const& format, Header header = Header::always)
        : payload_(std::move(payload)), format_(format), header_(header) {}
    std::size_t working_bytes() const override;
    void prepare(PixelScratch& scratch) override;
    void read(std::size_t tile, Tile& out) const override;
    void read_along(std::size_t tile, Tile& out, BlockMemory& memory) const override;

private:
    BlockWalk walk() const;
    std::size_t tiles_per_block(BlockLayout const& layout) const;
    void decompress_all(BlockWalk walk, std::span<std::byte> frame);
    void read_unpacked(std::size_t tile, Tile& out) const;
    std::size_t block_pixels(std::size_t block) const { return framed_.layout.block_size(block) / format_.bytes; }
    void fill_with_tail(std::span<std::byte> pixels, std::size_t done, std::size_t tile, Tile& out) const;

    MessagePart payload_;
    PixelFormat format_;
    Header header_;
    FramedBlocks framed_;
    std::size_t tiles_per_block_ = 0;  ///< 0 = blocks do not hold whole tiles
    std::byte const* frame_ = nullptr; ///< shuffled blocks one after another; null where blocks hold whole tiles
};

} // namespace sqd
