// Tells Stream V2 from what else may arrive at its port.
#include "detectors/dectris_stream2/message.hpp"

#include "pipeline/core/errors.hpp"

namespace sqd::dectris_stream2 {

namespace {

/// Firmware before 2022.1 numbered otherwise and listed its channels with their pixels.
bool is_prerelease(CborMap const& fields) {
    if (fields.find("series_number") || fields.find("image_number") || fields.find("htype")) return true;
    auto channels = fields.find("channels");
    if (!channels || channels->untag().kind() != cbor::Kind::array) return false;
    auto array = channels->enter_array();
    return channels->more(array) && channels->untag().kind() == cbor::Kind::map;
}

} // namespace

Message parse_message(MessagePart const& part) {
    if (part.bytes.front() == std::byte{'{'})
        throw DecodeError(DecodeFault::unsupported,
                          "JSON message (this is not Stream V2) check source.kind, or the detector's stream format");
    cbor::Reader reader(part.bytes);
    auto item = reader.take_item();
    if (!reader.at_end()) throw DecodeError(DecodeFault::malformed, std::to_string(reader.bytes_left()) + " bytes after the message");
    if (item.untag().kind() != cbor::Kind::map)
        throw DecodeError(DecodeFault::malformed, std::string("message that is a ") + cbor::name(item.kind()) + " (Stream V2 sends maps)");
    Message message{"", CborMap(item)};
    if (is_prerelease(message.fields))
        throw DecodeError(DecodeFault::unsupported,
                          "message of the pre-release Stream V2 (series_number, image_number, channels as a list of maps) update the "
                          "detector's firmware to 2022.1 or later, or set its stream format to legacy");
    auto const type = message.fields.find_text("type");
    if (!type) throw DecodeError(DecodeFault::malformed, "message without type");
    message.type = *type;
    return message;
}

std::uint64_t require_unsigned(CborMap const& fields, std::string_view key) {
    auto const value = fields.find_unsigned(key);
    if (!value) throw DecodeError(DecodeFault::malformed, "message without " + std::string(key) + " (absent, or no whole number from 0)");
    return *value;
}

SeriesKey series_of(CborMap const& fields, SeriesKey const& running) {
    SeriesKey key = running;
    if (fields.find("series_id")) key.series_id = require_unsigned(fields, "series_id");
    if (key.series_id != running.series_id) key.unique_id.clear();
    if (auto const unique = fields.find_text("series_unique_id")) key.unique_id = *unique;
    return key;
}

} // namespace sqd::dectris_stream2
