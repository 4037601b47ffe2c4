// Stream V2 messages: told apart by their type.
#include "detectors/dectris_stream2/decoder.hpp"

#include "detectors/codec/excerpt.hpp"
#include "detectors/dectris_stream2/image.hpp"
#include "detectors/dectris_stream2/message.hpp"
#include "detectors/dectris_stream2/start.hpp"
#include "pipeline/core/errors.hpp"

#include <string>

namespace sqd {

using dectris_stream2::parse_message;

namespace {

class DectrisStream2 final : public Decoder {
public:
    explicit DectrisStream2(DecoderOptions const& options) : options_(options) {}
    std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) override;
    void go_on_from(SeriesStart const& start) override { running_ = {start.series, start.saturation}; }

private:
    SeriesStart decode_start(CborMap const& fields);

    DecoderOptions options_;
    dectris_stream2::Running running_;
};

std::optional<DetectorMessage> DectrisStream2::decode(std::span<MessagePart const> parts) {
    if (parts.empty() || (parts.size() == 1 && parts[0].bytes.empty())) return std::nullopt;
    if (parts[0].bytes.empty()) throw DecodeError(DecodeFault::malformed, "message whose first part is empty (Stream V2 sends one part)");
    auto const message = parse_message(parts[0]);
    if (parts.size() > 1)
        throw DecodeError(DecodeFault::malformed, "message of " + std::to_string(parts.size()) + " parts (Stream V2 sends one)");
    if (message.type == "image") return parse_image(message.fields, parts[0], running_, options_);
    if (message.type == "start") return decode_start(message.fields);
    if (message.type == "end") return SeriesEnd{dectris_stream2::series_of(message.fields, running_.series), false};
    throw DecodeError(DecodeFault::unsupported, "message of type '" + excerpt(message.type) + "' (known: start, image, end)");
}

SeriesStart DectrisStream2::decode_start(CborMap const& fields) {
    // Even if the rest of this start cannot be read, the limits of the series before do not hold for this one.
    running_ = {{dectris_stream2::require_unsigned(fields, "series_id"), fields.find_text("series_unique_id").value_or("")}, std::nullopt};
    auto start = dectris_stream2::parse_start(fields, options_);
    running_.saturation = start.saturation;
    return start;
}

} // namespace

std::unique_ptr<Decoder> make_dectris_stream2(DecoderOptions const& options) {
    return std::make_unique<DectrisStream2>(options);
}

std::vector<std::string> channel_names(MessagePart const& message) {
    if (message.bytes.empty()) return {};
    auto const parsed = parse_message(message);
    return parsed.type == "image" ? parsed.fields.find_map("data").names() : std::vector<std::string>{};
}

} // namespace sqd
