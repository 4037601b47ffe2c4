// Stream V1 messages: told apart by the htype of part 0.
#include "detectors/dectris_stream1/decoder.hpp"

#include "detectors/codec/excerpt.hpp"
#include "detectors/dectris_stream1/encoding.hpp"
#include "detectors/dectris_stream1/header.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <limits>
#include <string>

namespace sqd {

using dectris_stream1::Header;
using nlohmann::json;

namespace {

std::size_t total_bytes(std::span<MessagePart const> parts) {
    std::size_t bytes = 0;
    for (auto const& part : parts) bytes += part.bytes.size();
    return bytes;
}

/// Starts as Stream V2 does: with the tag that says "this is CBOR", or with a map.
bool is_cbor(MessagePart const& part) {
    if (part.bytes.empty()) return false;
    auto const first = std::to_integer<unsigned>(part.bytes[0]);
    constexpr unsigned tag_of_two_bytes = 0xD9, map = 0xA0, map_end = 0xBF;
    return first == tag_of_two_bytes || (first >= map && first <= map_end);
}

class DectrisStream1 final : public Decoder {
public:
    explicit DectrisStream1(DecoderOptions const& options) : limits_(options.limits), pixels_(options.pixels) {}
    std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) override;
    void go_on_from(SeriesStart const& start) override {
        running_.series_id = start.series.series_id;
        saturation_ = start.saturation;
    }

private:
    SeriesStart decode_header(json const& first, std::span<MessagePart const> parts);
    Frame decode_image(json const& first, std::span<MessagePart const> parts) const;
    void read_pixels(MessagePart const& description, MessagePart const& blob, Frame& frame) const;
    void read_times(json const& config, Frame& frame) const;
    SeriesKey series_of(json const& message) const;

    DecoderLimits limits_;
    PixelRule pixels_;
    SeriesKey running_;
    std::optional<std::uint64_t> saturation_; ///< of the running series
    std::int64_t ns_per_time_unit_ = 1;       ///< a property of the detector: kept until a header says otherwise
};

std::optional<DetectorMessage> DectrisStream1::decode(std::span<MessagePart const> parts) {
    if (total_bytes(parts) == 0) return std::nullopt;
    if (parts.size() > limits_.max_parts)
        throw DecodeError(DecodeFault::oversized,
                          "message of " + std::to_string(parts.size()) + " parts (at most " + std::to_string(limits_.max_parts) + ")");
    if (is_cbor(parts[0])) throw DecodeError(DecodeFault::unsupported, "CBOR message (this is Stream V2) check source.kind");
    auto const first = parse_object(parts[0], "first part", limits_);
    auto const htype = require_string(first, "htype");
    if (htype.starts_with("dimage-")) return decode_image(first, parts);
    if (htype.starts_with("dheader-")) return decode_header(first, parts);
    if (htype.starts_with("dseries_end-")) return SeriesEnd{series_of(first), false};
    throw DecodeError(DecodeFault::unsupported, "htype '" + excerpt(htype) + "' (this is not Stream V1) check source.kind");
}

SeriesStart DectrisStream1::decode_header(json const& first, std::span<MessagePart const> parts) {
    // Even if the rest of this header cannot be read, the limits of the series before do not hold for this one.
    running_.series_id = require_unsigned(first, "series");
    saturation_.reset();
    auto header = dectris_stream1::parse_header(first, parts, limits_);
    saturation_ = header.start.saturation;
    if (parts.size() > 1) ns_per_time_unit_ = header.ns_per_time_unit;
    return std::move(header.start);
}

SeriesKey DectrisStream1::series_of(json const& message) const {
    return {find_unsigned(message, "series").value_or(running_.series_id), ""};
}

Frame DectrisStream1::decode_image(json const& first, std::span<MessagePart const> parts) const {
    if (parts.size() < 4)
        throw DecodeError(DecodeFault::malformed,
                          "image of " + std::to_string(parts.size()) + " parts (an image has 4, or 5 with its appendix)");
    Frame frame;
    frame.series = series_of(first);
    frame.number = require_unsigned(first, "frame");
    frame.bytes = total_bytes(parts);
    read_pixels(parts[1], parts[2], frame);
    read_times(parse_object(parts[3], "image times", limits_), frame);
    return frame;
}

void DectrisStream1::read_pixels(MessagePart const& description, MessagePart const& blob, Frame& frame) const {
    auto const data = parse_object(description, "image description", limits_);
    auto const shape = require_shape(data); // [x, y]
    auto const type = require_pixel_type(data);
    std::size_t const pixels = checked_pixels(shape.second, shape.first, type.bytes, limits_);
    if (auto const size = find_unsigned(data, "size"); size && *size != blob.bytes.size())
        throw DecodeError(blob.bytes.size() < *size ? DecodeFault::truncated : DecodeFault::mismatch,
                          "image blob of " + std::to_string(blob.bytes.size()) + " bytes (its description says " + std::to_string(*size) +
                              ")");
    frame.rows = shape.second;
    frame.cols = shape.first;
    frame.bits = 8 * type.bytes;
    frame.is_signed = type.is_signed;
    frame.encoding = require_string(data, "encoding");
    auto const cutoff = frame.series == running_ ? saturation_ : std::nullopt;
    frame.tiles =
        make_tiles(dectris_stream1::parse_encoding(frame.encoding), blob, {pixels, type.bytes, largest_valid_count(type, cutoff, pixels_)});
}

void DectrisStream1::read_times(json const& config, Frame& frame) const {
    auto const time_ns = [&](char const* key) -> std::optional<std::int64_t> {
        auto const time = lenient_unsigned(config, key);
        auto const limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / ns_per_time_unit_);
        if (!time || *time > limit) return std::nullopt; // not a time: better none than a wrong one
        return static_cast<std::int64_t>(*time) * ns_per_time_unit_;
    };
    frame.start_ns = time_ns("start_time");
    frame.stop_ns = time_ns("stop_time");
    frame.real_ns = time_ns("real_time");
}

} // namespace

std::unique_ptr<Decoder> make_dectris_stream1(DecoderOptions const& options) {
    return std::make_unique<DectrisStream1>(options);
}

} // namespace sqd
