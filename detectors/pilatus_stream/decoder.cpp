// The messages of the PILATUS shim, told apart by their htype.
#include "detectors/pilatus_stream/decoder.hpp"

#include "detectors/camserver/file_name.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/json_message.hpp"
#include "detectors/pilatus_stream/image.hpp"
#include "detectors/pilatus_stream/series_counter.hpp"
#include "pipeline/core/errors.hpp"

#include <string>

namespace sqd {

using nlohmann::json;

namespace {

class PilatusStream final : public Decoder {
public:
    explicit PilatusStream(DecoderOptions const& options) : options_(options) {}
    std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) override;

private:
    SeriesStart decode_header(json const& message, std::span<MessagePart const> parts);
    Frame decode_image(json const& message, std::span<MessagePart const> parts);

    DecoderOptions options_;
    pilatus_stream::SeriesCounter series_;
};

std::optional<DetectorMessage> PilatusStream::decode(std::span<MessagePart const> parts) {
    auto const& limits = options_.limits;
    if (parts.empty() || (parts.size() == 1 && parts[0].bytes.empty())) return std::nullopt;
    if (parts.size() > limits.max_parts)
        throw DecodeError(DecodeFault::oversized,
                          "message of " + std::to_string(parts.size()) + " parts (at most " + std::to_string(limits.max_parts) + ")");
    auto const message = parse_object(parts[0], "first part", limits);
    auto const htype = require_string(message, "htype");
    if (htype == "image") return decode_image(message, parts);
    if (htype == "header") return decode_header(message, parts);
    if (htype == "series_end") return series_.end(find_unsigned(message, "msg_number"));
    throw DecodeError(DecodeFault::unsupported, "htype '" + excerpt(htype) + "' (this is not the PILATUS shim) check source.kind");
}

/// The receiver may add what it knows of the scan as a second part; otherwise the file name is all there is.
SeriesStart PilatusStream::decode_header(json const& message, std::span<MessagePart const> parts) {
    SeriesStart start;
    // First the series: what follows is a new one even when the rest of its header is damaged.
    start.series.series_id = series_.header(find_unsigned(message, "msg_number"));
    auto const filename = find_string(message, "filename").value_or("");
    auto const name = parse_camserver_name(filename);
    start.first_image = name && name->digits > 0 ? std::optional(name->number) : std::nullopt;
    start.appendix = filename;
    if (parts.size() > 1) {
        if (parts[1].bytes.size() > options_.limits.max_json_bytes)
            throw DecodeError(DecodeFault::oversized, "header appendix of " + std::to_string(parts[1].bytes.size()) + " bytes");
        start.appendix = text_of(parts[1]);
    }
    return start;
}

Frame PilatusStream::decode_image(json const& message, std::span<MessagePart const> parts) {
    // First the series: an image that cannot be read still opens it.
    auto const sent = find_unsigned(message, "msg_number"), number = find_unsigned(message, "frame");
    auto const place = series_.image(sent, number);
    auto frame = pilatus_stream::read_image(message, parts, options_);
    frame.series.series_id = place.series;
    frame.series_named = place.told;
    // The end of a series and the header of the next are messages, too: each moves the count of messages away from that of images.
    if (sent && number) frame.mark = "message " + std::to_string(*sent - *number);
    return frame;
}

} // namespace

std::unique_ptr<Decoder> make_pilatus_stream(DecoderOptions const& options) {
    return std::make_unique<PilatusStream>(options);
}

} // namespace sqd
