// Bitshuffle-LZ4 payloads against a decoder that takes no short cut.
#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "tests/fuzz/payload.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/plain_lz4.hpp"

namespace sqd::fuzz {

namespace {

/// Blocks of whole tiles go through a decoder of our own, which is less strict than liblz4 about how a block may end.
std::vector<std::byte> block_of(std::span<std::byte const> packed, std::size_t bytes, bool whole_tiles) {
    if (whole_tiles) {
        if (auto plain = test::plain_lz4(packed, bytes)) return *plain;
        throw DecodeError(DecodeFault::corrupt, "no LZ4 block");
    }
    std::vector<std::byte> out(bytes);
    decompress_lz4_block(packed, out);
    return out;
}

/// Block by block, all planes of all blocks, then every pixel by the rule. Throws DecodeError.
Pixels without_short_cuts(Payload const& payload) {
    auto const& format = payload.format;
    auto const framed = index_blocks(payload.bytes, format.frame_bytes(), 8 * format.bytes);
    std::vector<std::byte> plain(format.frame_bytes());
    std::size_t const block = framed.layout.block;
    bool const whole_tiles = block <= sizeof(Tile::pixels) && block % (tile_pixels * format.bytes) == 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < framed.blocks.size(); ++i) {
        auto const planes = block_of(framed.blocks[i], framed.layout.block_size(i), whole_tiles);
        std::size_t const pixels = planes.size() / format.bytes;
        unshuffle({planes.data(), pixels / 8}, pixels, format.bytes, plain.data() + at);
        at += planes.size();
    }
    std::copy(framed.tail.begin(), framed.tail.end(), plain.begin() + static_cast<std::ptrdiff_t>(at));
    return judged(pixel_values(plain, format.bytes), format.largest_valid);
}

} // namespace

void run_bslz4(Bytes input) {
    auto const payload = take_payload(input);
    BitshuffleTiles tiles({payload.bytes, nullptr}, payload.format);
    auto const pixels = read_frame(tiles, payload.format.pixels);
    std::optional<Pixels> expected;
    try {
        expected = without_short_cuts(payload);
    } catch (DecodeError const&) {
    }
    require(pixels == expected, "tile by tile and block by block give the same pixels, or both none");
}

} // namespace sqd::fuzz
