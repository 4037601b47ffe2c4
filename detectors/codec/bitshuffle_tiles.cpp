// bslz4 frames: which block holds a tile, and how much of it has to be decoded.
#include "detectors/codec/bitshuffle_tiles.hpp"

#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/lz4_tile.hpp"
#include "detectors/codec/plane_tile.hpp"
#include "detectors/codec/tile_fill.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace sqd {

namespace {

using PlainTile = std::array<std::byte, tile_pixels * sizeof(std::uint32_t)>;

}

BlockWalk BitshuffleTiles::walk() const {
    std::size_t const bytes = format_.frame_bytes(), unit = 8 * format_.bytes;
    if (header_ == Header::always || has_framing_header(payload_.bytes, bytes)) return {payload_.bytes, bytes, unit};
    return {payload_.bytes, block_layout(bytes, bitshuffle_block_bytes, unit)};
}

/// 0 = blocks do not hold whole tiles.
std::size_t BitshuffleTiles::tiles_per_block(BlockLayout const& layout) const {
    std::size_t const tile = tile_pixels * format_.bytes;
    return layout.block % tile == 0 && layout.block <= sizeof(BlockMemory::bytes) - BlockMemory::slack ? layout.block / tile : 0;
}

std::size_t BitshuffleTiles::working_bytes() const {
    try {
        return tiles_per_block(walk().layout()) > 0 ? 0 : format_.frame_bytes();
    } catch (DecodeError const&) { // prepare() will say so, and take none
        return 0;
    }
}

void BitshuffleTiles::prepare(PixelScratch& scratch) {
    auto const blocks = walk();
    tiles_per_block_ = tiles_per_block(blocks.layout());
    if (tiles_per_block_ > 0)
        framed_ = index_blocks(blocks);
    else
        decompress_all(blocks, scratch.of(format_.frame_bytes()));
}

void BitshuffleTiles::decompress_all(BlockWalk walk, std::span<std::byte> frame) {
    framed_.layout = walk.layout();
    frame_ = frame.data();
    std::span<std::byte> rest = frame;
    for (std::size_t i = 0; i < framed_.layout.blocks(); ++i) {
        std::size_t const bytes = framed_.layout.block_size(i);
        decompress_lz4_block(walk.next(), rest.first(bytes));
        rest = rest.subspan(bytes);
    }
    framed_.tail = walk.tail();
}

void BitshuffleTiles::read(std::size_t tile, Tile& out) const {
    if (tiles_per_block_ == 0) return read_unpacked(tile, out);
    BlockMemory memory;
    read_along(tile, out, memory);
}

/// Puts the pixels of a tile together from the blocks they lie in. All parts begin and end at multiples of eight pixels.
void BitshuffleTiles::read_unpacked(std::size_t tile, Tile& out) const {
    assert(tile < tile_count(format_.pixels));
    auto const& layout = framed_.layout;
    std::size_t const first = tile * tile_pixels, pixels_per_block = layout.block / format_.bytes;
    std::size_t block = first / pixels_per_block, at = first % pixels_per_block, done = 0;
    alignas(64) PlainTile pixels;
    for (; block < layout.blocks() && done < tile_pixels; ++block, at = 0) {
        PlaneView const planes{frame_ + block * layout.block + at / 8, block_pixels(block) / 8};
        std::size_t const here = std::min(block_pixels(block) - at, tile_pixels - done);
        if (here == tile_pixels) return fill_tile_from_planes(planes, format_, out);
        unshuffle(planes, here, format_.bytes, pixels.data() + done * format_.bytes);
        done += here;
    }
    fill_with_tail(pixels, done, tile, out);
}

void BitshuffleTiles::read_along(std::size_t tile, Tile& out, BlockMemory& memory) const {
    if (tiles_per_block_ == 0) return read_unpacked(tile, out);
    assert(tile < tile_count(format_.pixels));
    std::size_t const block = tile / tiles_per_block_, at = tile % tiles_per_block_ * tile_pixels;
    std::size_t const in_block = block < framed_.blocks.size() ? block_pixels(block) : 0;
    if (in_block > 0 && memory.block != block) {
        memory.block = BlockMemory::none; // until it is whole
        decompress_lz4_tile(framed_.blocks[block], framed_.layout.block_size(block), memory, format_.tier);
        memory.block = block;
    }
    PlaneView const planes{memory.bytes.data() + at / 8, in_block / 8};
    std::size_t const here = in_block > at ? std::min(in_block - at, tile_pixels) : 0;
    if (here == tile_pixels) return fill_tile_from_planes(planes, format_, out);
    alignas(64) PlainTile pixels;
    unshuffle(planes, here, format_.bytes, pixels.data());
    fill_with_tail(pixels, here, tile, out);
}

/// Fills a tile of which `done` pixels are there: behind the last block come the few pixels of the tail.
void BitshuffleTiles::fill_with_tail(std::span<std::byte> pixels, std::size_t done, std::size_t tile, Tile& out) const {
    std::size_t const count = pixels_in_tile(tile, format_.pixels);
    if (done < count) std::ranges::copy(framed_.tail, pixels.begin() + static_cast<std::ptrdiff_t>(done * format_.bytes));
    fill_tile(pixels.data(), count, format_, out);
}

} // namespace sqd
