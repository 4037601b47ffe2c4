// Tiles out of plain pixels.
#include "detectors/codec/whole_frame_tiles.hpp"

#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/tile_fill.hpp"
#include "pipeline/core/errors.hpp"

#include <cassert>
#include <string>

namespace sqd {

namespace {

void read_plain(std::byte const* pixels, std::size_t tile, PixelFormat const& format, Tile& out) {
    assert(tile < tile_count(format.pixels));
    fill_tile(pixels + tile * tile_pixels * format.bytes, pixels_in_tile(tile, format.pixels), format, out);
}

} // namespace

void RawTiles::prepare(PixelScratch&) {
    std::size_t const bytes = payload_.bytes.size();
    if (bytes == format_.frame_bytes()) return;
    throw DecodeError(bytes < format_.frame_bytes() ? DecodeFault::truncated : DecodeFault::mismatch,
                      "raw image of " + std::to_string(bytes) + " bytes (shape and type say " + std::to_string(format_.frame_bytes()) +
                          ")");
}

void RawTiles::read(std::size_t tile, Tile& out) const {
    read_plain(payload_.bytes.data(), tile, format_, out);
}

void UnpackedTiles::prepare(PixelScratch& scratch) {
    require_lz4_ratio(payload_.bytes.size(), format_.frame_bytes());
    auto const pixels = scratch.of(format_.frame_bytes());
    unpack_(payload_.bytes, pixels);
    pixels_ = pixels.data();
}

void UnpackedTiles::read(std::size_t tile, Tile& out) const {
    read_plain(pixels_, tile, format_, out);
}

} // namespace sqd
