// Pixels in CBOR: a two-dimensional typed array, packed or not.
#pragma once

#include "detectors/codec/cbor.hpp"
#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqd::dectris_stream2 {

/// Tag 40 [[rows, cols], typed array]; the typed array's byte string may be tag 56500 [algorithm, element size, bytes] instead.
struct PixelArray {
    std::size_t rows = 0, cols = 0;
    PixelType type;
    std::string_view algorithm; ///< "bslz4", "lz4"; empty: not packed
    std::uint64_t element = 0;  ///< bytes of what bslz4 shuffled; 0 for lz4
    std::span<std::byte const> payload;
};

/// Throws DecodeError: malformed, unsupported (pixels that are no little-endian integers of 8, 16 or 32 bit; column-major; more than two
/// axes), oversized.
PixelArray parse_pixel_array(cbor::Reader value, DecoderLimits const& limits);

/// How its pixels are written, "bslz4/2", "lz4/0", "none".
std::string encoding_of(PixelArray const& array);

/// Reads its pixels; `owner` keeps the message alive. Throws DecodeError: unsupported algorithm, or (mismatch) shuffled elements that
/// are not the pixels.
std::shared_ptr<TileReader> make_tiles(PixelArray const& array, std::shared_ptr<void const> owner, std::uint32_t largest_valid);

/// All of its values as they are written.
std::vector<std::uint32_t> read_values(PixelArray const& array);

} // namespace sqd::dectris_stream2
