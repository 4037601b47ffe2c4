// Payloads that are decoded as a whole: HDF5's LZ4 (a chunk of a file, too), one bare LZ4 block, raw pixels.
#include "detectors/codec/block_framing.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "tests/fuzz/payload.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace sqd::fuzz {

namespace {

/// The tiles are the unpacked pixels, or both fail.
void run_unpacked(Bytes input, UnpackFrame unpack) {
    auto const payload = take_payload(input);
    UnpackedTiles tiles({payload.bytes, nullptr}, payload.format, unpack);
    auto const pixels = read_frame(tiles, payload.format.pixels);
    std::vector<std::byte> plain(payload.format.frame_bytes());
    std::optional<Pixels> expected;
    try {
        unpack(payload.bytes, plain);
        expected = judged(pixel_values(plain, payload.format.bytes), payload.format.largest_valid);
    } catch (DecodeError const&) {
    }
    require(pixels == expected, "tiles and the whole image are the same pixels");
}

} // namespace

void run_framed_lz4(Bytes input) {
    run_unpacked(input, decompress_framed_lz4);
}

void run_lz4(Bytes input) {
    run_unpacked(input, decompress_lz4_block);
}

void run_raw(Bytes input) {
    auto const payload = take_payload(input);
    RawTiles tiles({payload.bytes, nullptr}, payload.format);
    auto const pixels = read_frame(tiles, payload.format.pixels);
    require(pixels.has_value() == (payload.bytes.size() == payload.format.frame_bytes()), "raw pixels are read if all of them are there");
    if (pixels)
        require(*pixels == judged(pixel_values(payload.bytes, payload.format.bytes), payload.format.largest_valid),
                "raw pixels are read as they lie");
}

} // namespace sqd::fuzz
