// bslz4 frames: which block holds a tile, and how much of it has to be decoded.
#include "detectors/codec/bitshuffle_tiles.hpp"

#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/plane_tile.hpp"
#include "detectors/codec/tile_fill.hpp"

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

void BitshuffleTiles::prepare() {
    auto const blocks = walk();
    if (blocks.layout().block == tile_pixels * format_.bytes)
        framed_ = index_blocks(blocks);
    else
        decompress_all(blocks);
}

void BitshuffleTiles::decompress_all(BlockWalk walk) {
    framed_.layout = walk.layout();
    frame_.resize(format_.frame_bytes());
    std::span<std::byte> rest(frame_);
    for (std::size_t i = 0; i < framed_.layout.blocks(); ++i) {
        std::size_t const bytes = framed_.layout.block_size(i);
        decompress_lz4_block(walk.next(), rest.first(bytes));
        rest = rest.subspan(bytes);
    }
    framed_.tail = walk.tail();
}

/// Puts the pixels of a tile together from the blocks they lie in. All parts begin and end at multiples of eight pixels.
void BitshuffleTiles::read(std::size_t tile, Tile& out) const {
    assert(tile < tile_count(format_.pixels));
    if (frame_.empty()) return read_compressed(tile, out);
    auto const& layout = framed_.layout;
    std::size_t const first = tile * tile_pixels, pixels_per_block = layout.block / format_.bytes;
    std::size_t block = first / pixels_per_block, at = first % pixels_per_block, done = 0;
    alignas(64) PlainTile pixels;
    for (; block < layout.blocks() && done < tile_pixels; ++block, at = 0) {
        PlaneView const planes{frame_.data() + block * layout.block + at / 8, block_pixels(block) / 8};
        std::size_t const here = std::min(block_pixels(block) - at, tile_pixels - done);
        if (here == tile_pixels) return fill_tile_from_planes(planes, format_, out);
        unshuffle(planes, here, format_.bytes, pixels.data() + done * format_.bytes);
        done += here;
    }
    fill_with_tail(pixels, done, tile, out);
}

/// Tile number `tile` is block number `tile`.
void BitshuffleTiles::read_compressed(std::size_t tile, Tile& out) const {
    alignas(64) PlainTile shuffled, pixels;
    std::size_t in_block = 0;
    if (tile < framed_.blocks.size()) {
        decompress_lz4_block(framed_.blocks[tile], std::span(shuffled).first(framed_.layout.block_size(tile)));
        in_block = block_pixels(tile);
    }
    PlaneView const planes{shuffled.data(), in_block / 8};
    if (in_block == tile_pixels) return fill_tile_from_planes(planes, format_, out);
    unshuffle(planes, in_block, format_.bytes, pixels.data());
    fill_with_tail(pixels, in_block, tile, out);
}

/// Fills a tile of which `done` pixels are there: behind the last block come the few pixels of the tail.
void BitshuffleTiles::fill_with_tail(std::span<std::byte> pixels, std::size_t done, std::size_t tile, Tile& out) const {
    std::size_t const count = pixels_in_tile(tile, format_.pixels);
    if (done < count) std::ranges::copy(framed_.tail, pixels.begin() + static_cast<std::ptrdiff_t>(done * format_.bytes));
    fill_tile(pixels.data(), count, format_, out);
}

} // namespace sqd
