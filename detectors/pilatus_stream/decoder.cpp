// The messages of the PILATUS shim, told apart by their htype.
#include "detectors/pilatus_stream/decoder.hpp"

#include "detectors/codec/cbf.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace sqd {

using nlohmann::json;

namespace {

/// From camserver's line "# Exposure_time 0.0990000 s". A file that cannot be read says nothing here; its tiles name the fault.
std::optional<double> exposure_s(std::span<std::byte const> cbf) {
    constexpr std::string_view key = "# Exposure_time";
    std::string_view text;
    try {
        text = parse_cbf(cbf).header;
    } catch (DecodeError const&) {
        return std::nullopt;
    }
    auto const at = text.find(key);
    if (at == text.npos) return std::nullopt;
    text.remove_prefix(at + key.size());
    text.remove_prefix(std::min(text.find_first_not_of(" \t=:"), text.size()));
    double seconds = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    return error == std::errc{} && std::isfinite(seconds) && seconds > 0 ? std::optional(seconds) : std::nullopt;
}

class PilatusStream final : public Decoder {
public:
    explicit PilatusStream(DecoderOptions const& options) : limits_(options.limits), pixels_(options.pixels) {}
    std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) override;

private:
    void open_series();
    SeriesStart decode_header(json const& message);
    Frame decode_image(json const& message, std::span<MessagePart const> parts);

    DecoderLimits limits_;
    PixelRule pixels_;
    SeriesKey running_;
    bool ended_ = false; ///< by series_end
};

std::optional<DetectorMessage> PilatusStream::decode(std::span<MessagePart const> parts) {
    if (parts.empty() || (parts.size() == 1 && parts[0].bytes.empty())) return std::nullopt;
    if (parts.size() > limits_.max_parts)
        throw DecodeError(DecodeFault::oversized,
                          "message of " + std::to_string(parts.size()) + " parts (at most " + std::to_string(limits_.max_parts) + ")");
    auto const message = parse_object(parts[0], "first part", limits_);
    auto const htype = require_string(message, "htype");
    if (htype == "image") return decode_image(message, parts);
    if (htype == "header") return decode_header(message);
    if (htype == "series_end") {
        ended_ = true;
        return SeriesEnd{running_, false};
    }
    throw DecodeError(DecodeFault::unsupported, "htype '" + excerpt(htype) + "' (this is not the PILATUS shim) check source.kind");
}

void PilatusStream::open_series() {
    ++running_.series_id;
    ended_ = false;
}

SeriesStart PilatusStream::decode_header(json const& message) {
    open_series(); // first: what follows is a new series even when its header is damaged
    SeriesStart start;
    start.series = running_;
    start.appendix = find_string(message, "filename").value_or("");
    return start;
}

Frame PilatusStream::decode_image(json const& message, std::span<MessagePart const> parts) {
    if (ended_) open_series(); // its header is lost, or none was sent
    if (parts.size() != 2)
        throw DecodeError(DecodeFault::malformed,
                          "image of " + std::to_string(parts.size()) + " parts (its description and its pixels are 2)");
    auto const shape = require_shape(message); // [rows, cols]
    auto const type = require_pixel_type(message);
    Frame frame;
    frame.series = running_;
    frame.number = require_unsigned(message, "frame");
    frame.rows = shape.first;
    frame.cols = shape.second;
    frame.bits = 8 * type.bytes;
    frame.is_signed = type.is_signed;
    frame.bytes = parts[0].bytes.size() + parts[1].bytes.size();
    std::size_t const pixels = checked_pixels(frame.rows, frame.cols, type.bytes, limits_);
    auto const compression = find_string(message, "compression").value_or("");
    frame.encoding = compression.empty() ? "none" : compression;
    if (compression == "cbf") {
        if (type.bytes != 4) throw DecodeError(DecodeFault::mismatch, "CBF image that is not int32");
        frame.exposure_s = exposure_s(parts[1].bytes);
        frame.tiles = std::make_shared<CbfTiles>(parts[1], frame.rows, frame.cols, pixels_);
    } else if (compression.empty() || compression == "none") {
        frame.tiles =
            std::make_shared<RawTiles>(parts[1], PixelFormat{pixels, type.bytes, largest_valid_count(type, std::nullopt, pixels_)});
    } else {
        throw DecodeError(DecodeFault::unsupported,
                          "compression '" + excerpt(compression) + "' (the PILATUS shim sends cbf or raw pixels)");
    }
    return frame;
}

} // namespace

std::unique_ptr<Decoder> make_pilatus_stream(DecoderOptions const& options) {
    return std::make_unique<PilatusStream>(options);
}

} // namespace sqd
