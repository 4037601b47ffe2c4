// The "encoding" of a Stream V1 image: [bs<bits>][[-]lz4][<], e.g. "bs32-lz4<", "lz4<", "<".
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <memory>
#include <string_view>

namespace sqd::dectris_stream1 {

struct Encoding {
    unsigned shuffle_bits = 0; ///< element size of bitshuffle, 0 = not shuffled
    bool lz4 = false;
    bool operator==(Encoding const&) const = default;
};

/// Throws DecodeError (unsupported) for big-endian pixels, bitshuffle without LZ4, and what is not in the grammar.
Encoding parse_encoding(std::string_view text);

/// The reader of a blob in this encoding. Throws DecodeError (mismatch) where the shuffled element is not the pixel.
/// A bare "lz4" blob is one LZ4 block without any framing, unlike Stream V2's.
std::shared_ptr<TileReader> make_tiles(Encoding encoding, MessagePart blob, PixelFormat const& format);

} // namespace sqd::dectris_stream1
