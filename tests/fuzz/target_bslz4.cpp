// Bitshuffle-LZ4 payloads against a decoder that takes no short cut.
#include "detectors/codec/bitshuffle.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "tests/fuzz/payload.hpp"
#include "tests/fuzz/targets.hpp"

namespace sqd::fuzz {

namespace {

/// Block by block, all planes of all blocks, then every pixel by the rule. Throws DecodeError.
Pixels without_short_cuts(Payload const& payload) {
    auto const& format = payload.format;
    auto const framed = index_blocks(payload.bytes, format.frame_bytes(), 8 * format.bytes);
    std::vector<std::byte> plain(format.frame_bytes());
    std::size_t at = 0;
    for (std::size_t i = 0; i < framed.blocks.size(); ++i) {
        std::vector<std::byte> planes(framed.layout.block_size(i));
        decompress_lz4_block(framed.blocks[i], planes);
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
