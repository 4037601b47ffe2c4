// RFC 8746 (typed arrays) and DECTRIS' compression tag, and the codecs behind them.
#include "detectors/dectris_stream2/pixel_array.hpp"

#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/block_framing.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sqd::dectris_stream2 {

namespace {

constexpr std::uint64_t row_major = 40, column_major = 1040, compression = 56500;

[[noreturn]] void unsupported(std::string const& what) {
    throw DecodeError(DecodeFault::unsupported, what);
}

/// Pixel type of a typed array's tag.
PixelType pixel_type_of(std::uint64_t tag) {
    switch (tag) {
    case 64:
    case 68: return {1, false};
    case 69: return {2, false};
    case 70: return {4, false};
    case 72: return {1, true};
    case 77: return {2, true};
    case 78: return {4, true};
    case 65:
    case 66:
    case 67:
    case 73:
    case 74:
    case 75: unsupported("big-endian pixels (typed array of tag " + std::to_string(tag) + ") are not read");
    default: unsupported("pixels in a typed array of tag " + std::to_string(tag) + " (8, 16 and 32 bit integers are read)");
    }
}

void read_shape(cbor::Reader& reader, PixelArray& array) {
    std::size_t* const sides[] = {&array.rows, &array.cols};
    std::size_t axes = 0;
    for (auto shape = reader.enter_array(); reader.more(shape); ++axes) {
        if (axes == std::size(sides)) unsupported("array of more than two axes (only single images are read)");
        *sides[axes] = reader.read_unsigned();
    }
    if (axes != std::size(sides))
        throw DecodeError(DecodeFault::malformed, "array of " + std::to_string(axes) + " axes (an image has two)");
}

/// The next element, which must be there.
void step(cbor::Reader& reader, cbor::Container& container, char const* what) {
    if (!reader.more(container)) throw DecodeError(DecodeFault::malformed, std::string(what) + " lacks an element");
}

void finish(cbor::Reader& reader, cbor::Container& container, char const* what) {
    if (reader.more(container)) throw DecodeError(DecodeFault::malformed, std::string(what) + " has too many elements");
}

void read_payload(cbor::Reader& reader, PixelArray& array) {
    if (reader.kind() == cbor::Kind::bytes) {
        array.payload = reader.read_bytes();
        return;
    }
    auto const tag = reader.read_tag();
    if (tag != compression) unsupported("pixels packed by the means of tag " + std::to_string(tag));
    auto const what = "compressed byte string";
    auto packed = reader.enter_array();
    step(reader, packed, what);
    array.algorithm = reader.read_text();
    if (array.algorithm.empty()) unsupported("pixels packed by an algorithm without a name");
    step(reader, packed, what);
    array.element = reader.read_unsigned();
    step(reader, packed, what);
    array.payload = reader.read_bytes();
    finish(reader, packed, what);
}

PixelFormat format_of(PixelArray const& array, std::uint32_t largest_valid) {
    return {array.rows * array.cols, array.type.bytes, largest_valid};
}

template <class Narrow>
void append_values(Tile const& tile, std::size_t count, std::vector<std::uint32_t>& values) {
    for (std::size_t i = 0; i < count; ++i) {
        Narrow value;
        std::memcpy(&value, tile.pixels.data() + i * sizeof value, sizeof value);
        values.push_back(value);
    }
}

} // namespace

PixelArray parse_pixel_array(cbor::Reader value, DecoderLimits const& limits) {
    auto const layout = value.read_tag();
    if (layout == column_major) unsupported("column-major pixels are not read");
    if (layout != row_major) unsupported("pixels in an array of tag " + std::to_string(layout) + " (an image has tag 40)");
    PixelArray array;
    auto const what = "array of pixels";
    auto parts = value.enter_array();
    step(value, parts, what);
    read_shape(value, array);
    step(value, parts, what);
    array.type = pixel_type_of(value.read_tag());
    checked_pixels(array.rows, array.cols, array.type.bytes, limits);
    read_payload(value, array);
    finish(value, parts, what);
    return array;
}

std::string encoding_of(PixelArray const& array) {
    return array.algorithm.empty() ? "none" : excerpt(array.algorithm) + "/" + std::to_string(array.element);
}

std::shared_ptr<TileReader> make_tiles(PixelArray const& array, std::shared_ptr<void const> owner, std::uint32_t largest_valid) {
    auto const format = format_of(array, largest_valid);
    MessagePart payload{array.payload, std::move(owner)};
    if (array.algorithm.empty()) return std::make_shared<RawTiles>(std::move(payload), format);
    if (array.algorithm == "lz4") return std::make_shared<UnpackedTiles>(std::move(payload), format, decompress_framed_lz4);
    if (array.algorithm != "bslz4")
        unsupported("pixels packed by '" + excerpt(array.algorithm) +
                    "' (known: bslz4, lz4, none) set the detector's compression to one of these");
    if (array.element != array.type.bytes)
        throw DecodeError(DecodeFault::mismatch, "image shuffled by " + std::to_string(array.element) + " bytes has pixels of " +
                                                     std::to_string(array.type.bytes) + " bytes");
    return std::make_shared<BitshuffleTiles>(std::move(payload), format);
}

std::vector<std::uint32_t> read_values(PixelArray const& array) {
    auto const everything = largest_valid_count(array.type, std::nullopt, PixelRule::as_written);
    auto const tiles = make_tiles(array, nullptr, everything);
    PixelScratch scratch;
    tiles->prepare(scratch);
    std::size_t const count = array.rows * array.cols;
    std::vector<std::uint32_t> values;
    values.reserve(count);
    Tile tile;
    for (std::size_t t = 0; t < tile_count(count); ++t) {
        tiles->read(t, tile);
        std::size_t const in_tile = std::min(tile_pixels, count - t * tile_pixels);
        switch (tile.lane) {
        case Lane::u8: append_values<std::uint8_t>(tile, in_tile, values); break;
        case Lane::u16: append_values<std::uint16_t>(tile, in_tile, values); break;
        case Lane::u32: append_values<std::uint32_t>(tile, in_tile, values); break;
        }
    }
    return values;
}

} // namespace sqd::dectris_stream2
