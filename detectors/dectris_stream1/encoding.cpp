// Stream V1 encodings and the codecs behind them.
#include "detectors/dectris_stream1/encoding.hpp"

#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "pipeline/core/errors.hpp"

#include <string>
#include <utility>

namespace sqd::dectris_stream1 {

namespace {

/// Removes `token` from the front of `text`; false where it is not there.
bool take(std::string_view& text, std::string_view token) {
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
}

} // namespace

Encoding parse_encoding(std::string_view text) {
    auto rest = text;
    Encoding encoding;
    if (take(rest, "bs8"))
        encoding.shuffle_bits = 8;
    else if (take(rest, "bs16"))
        encoding.shuffle_bits = 16;
    else if (take(rest, "bs32"))
        encoding.shuffle_bits = 32;
    encoding.lz4 = take(rest, "-lz4") || take(rest, "lz4");
    if (rest == ">") throw DecodeError(DecodeFault::unsupported, "encoding " + excerpt(text) + " (big-endian pixels are not read)");
    take(rest, "<");
    if (!rest.empty() || (encoding.shuffle_bits != 0 && !encoding.lz4))
        throw DecodeError(DecodeFault::unsupported,
                          "encoding '" + excerpt(text) +
                              "' (known: <, lz4<, bs8-lz4<, bs16-lz4<, bs32-lz4<) set the detector's compression to one of these");
    return encoding;
}

std::shared_ptr<TileReader> make_tiles(Encoding encoding, MessagePart blob, PixelFormat const& format) {
    if (encoding.shuffle_bits != 0 && encoding.shuffle_bits != 8 * format.bytes)
        throw DecodeError(DecodeFault::mismatch, "image shuffled by " + std::to_string(encoding.shuffle_bits) + " bits has pixels of " +
                                                     std::to_string(8 * format.bytes) + " bits");
    if (encoding.shuffle_bits != 0) return std::make_shared<BitshuffleTiles>(std::move(blob), format);
    if (encoding.lz4) return std::make_shared<UnpackedTiles>(std::move(blob), format, decompress_lz4_block);
    return std::make_shared<RawTiles>(std::move(blob), format);
}

} // namespace sqd::dectris_stream1
