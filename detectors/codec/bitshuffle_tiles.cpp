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

FramedBlocks BitshuffleTiles::index() const {
    std::size_t const bytes = format_.frame_bytes(), unit = 8 * format_.bytes;
    if (header_ == Header::always || has_framing_header(payload_.bytes, bytes)) return index_blocks(payload_.bytes, bytes, unit);
    return index_bare_blocks(payload_.bytes, bytes, bitshuffle_block_bytes, unit);
}

void BitshuffleTiles::prepare() {
    framed_ = index();
    std::size_t const tile_bytes = tile_pixels * format_.bytes;
    if (framed_.layout.block == tile_bytes) return;
    decompress_all();
    held_ = Held::shuffled;
    if (framed_.layout.block % tile_bytes == 0) return;
    unshuffle_all();
    held_ = Held::plain;
}

void BitshuffleTiles::decompress_all() {
    frame_.resize(format_.frame_bytes());
    std::span<std::byte> rest(frame_);
    for (std::size_t i = 0; i < framed_.blocks.size(); ++i) {
        std::size_t const bytes = framed_.layout.block_size(i);
        decompress_lz4_block(framed_.blocks[i], rest.first(bytes));
        rest = rest.subspan(bytes);
    }
    std::ranges::copy(framed_.tail, rest.begin());
}

void BitshuffleTiles::unshuffle_all() {
    std::vector<std::byte> plain(frame_.size());
    for (std::size_t i = 0; i < framed_.blocks.size(); ++i) {
        std::size_t const at = i * framed_.layout.block, pixels = block_pixels(i);
        unshuffle({frame_.data() + at, pixels / 8}, pixels, format_.bytes, plain.data() + at);
    }
    std::copy_n(frame_.end() - static_cast<std::ptrdiff_t>(framed_.layout.tail), framed_.layout.tail,
                plain.end() - static_cast<std::ptrdiff_t>(framed_.layout.tail));
    frame_ = std::move(plain);
}

void BitshuffleTiles::read(std::size_t tile, Tile& out) const {
    assert(tile < tile_count(format_.pixels));
    std::size_t const first = tile * tile_pixels;
    if (held_ == Held::plain) {
        fill_tile(frame_.data() + first * format_.bytes, pixels_in_tile(tile, format_.pixels), format_, out);
        return;
    }
    std::size_t const block = first * format_.bytes / framed_.layout.block;
    std::size_t const first_in_block = first - block * framed_.layout.block / format_.bytes;
    if (held_ == Held::shuffled) {
        read_shuffled(frame_.data() + block * framed_.layout.block, block, first_in_block, tile, out);
        return;
    }
    alignas(64) std::array<std::byte, tile_pixels * sizeof(std::uint32_t)> shuffled;
    if (block < framed_.blocks.size())
        decompress_lz4_block(framed_.blocks[block], std::span(shuffled).first(framed_.layout.block_size(block)));
    read_shuffled(shuffled.data(), block, first_in_block, tile, out);
}

/// A tile that starts at pixel `first` of a block whose planes are at `block`. Behind the last block come the few pixels of the tail.
void BitshuffleTiles::read_shuffled(std::byte const* block, std::size_t block_number, std::size_t first, std::size_t tile,
                                    Tile& out) const {
    std::size_t const in_block = block_number < framed_.blocks.size() ? block_pixels(block_number) : 0;
    PlaneView const planes{block + first / 8, in_block / 8};
    if (in_block - first >= tile_pixels) {
        fill_tile_from_planes(planes, format_, out);
        return;
    }
    std::array<std::byte, tile_pixels * sizeof(std::uint32_t)> pixels;
    std::size_t const shuffled = in_block - first;
    unshuffle(planes, shuffled, format_.bytes, pixels.data());
    std::ranges::copy(framed_.tail, pixels.begin() + static_cast<std::ptrdiff_t>(shuffled * format_.bytes));
    fill_tile(pixels.data(), pixels_in_tile(tile, format_.pixels), format_, out);
}

} // namespace sqd
