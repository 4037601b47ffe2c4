// The input interface: bytes in, detector messages out; no socket, no thread, no clock.
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "pipeline/core/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// One part of a received message. `owner` keeps the bytes alive; frames decoded from it share it (no copy).
struct MessagePart {
    std::span<std::byte const> bytes;
    std::shared_ptr<void const> owner;
};

/// Limits of what is believed; beyond them a message is refused as oversized.
struct DecoderLimits {
    std::size_t max_parts = 10;
    std::size_t max_json_bytes = 1u << 20;
    std::size_t max_image_bytes = std::size_t{256} << 20; ///< decompressed
    std::size_t max_pixels = std::size_t{64} << 20;
};

/// What a decoder is told.
struct DecoderOptions {
    DecoderLimits limits;
    std::string channel;            ///< the one wanted of a detector with several (Stream V2 thresholds); empty: the only one
    std::size_t rows = 0, cols = 0; ///< of the detector; 0: not known. Formats whose senders disagree on the order of a shape need it
    PixelRule pixels = PixelRule::counts;
};

/// One detector protocol.
class Decoder {
public:
    virtual ~Decoder() = default;
    /// One whole multipart message. nullopt: well-formed, but says nothing (an empty keep-alive, say).
    /// Throws DecodeError; the decoder stays usable and goes on with the next message.
    virtual std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) = 0;
    /// As if it had decoded this start of a series, whose images may follow: another decoder did, before a restart. Formats whose images
    /// need nothing of it pass it over.
    virtual void go_on_from(SeriesStart const& /*start*/) {}
};

} // namespace sqd
