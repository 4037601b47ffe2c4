// Reads the keys of an image message.
#include "detectors/dectris_stream2/image.hpp"

#include "detectors/dectris_stream2/channels.hpp"
#include "detectors/dectris_stream2/pixel_array.hpp"
#include "pipeline/core/errors.hpp"

#include <limits>
#include <string>

namespace sqd::dectris_stream2 {

namespace {

/// Seconds num / den in ns, as long as they fit.
std::optional<std::int64_t> nanoseconds(std::uint64_t num, std::uint64_t den) {
    constexpr std::uint64_t ns_per_s = 1'000'000'000, largest = std::numeric_limits<std::int64_t>::max();
    std::uint64_t const whole = num / den;
    if (whole >= largest / ns_per_s) return std::nullopt;
    std::uint64_t rest = num % den;
    while (den > std::numeric_limits<std::uint64_t>::max() / ns_per_s) { // far finer than a ns: the low bits do not count
        den >>= 1;
        rest >>= 1;
    }
    return static_cast<std::int64_t>(whole * ns_per_s + rest * ns_per_s / den);
}

/// [numerator, denominator] in seconds. Times are not needed: one that is no such thing is left out.
std::optional<std::int64_t> time_ns(CborMap const& fields, std::string_view key) {
    auto value = fields.find(key);
    if (!value || value->untag().kind() != cbor::Kind::array) return std::nullopt;
    auto ratio = value->enter_array();
    std::uint64_t terms[2] = {0, 0};
    for (auto& term : terms) {
        if (!value->more(ratio) || value->kind() != cbor::Kind::unsigned_integer) return std::nullopt;
        term = value->read_unsigned();
    }
    return terms[1] > 0 ? nanoseconds(terms[0], terms[1]) : std::nullopt;
}

} // namespace

Frame parse_image(CborMap const& fields, MessagePart const& part, Running const& running, DecoderOptions const& options) {
    Frame frame;
    frame.series = series_of(fields, running.series);
    frame.number = require_unsigned(fields, "image_id");
    auto const data = fields.find_map("data");
    frame.channel = choose_channel(data, options.channel);
    auto const array = parse_pixel_array(*data.find(frame.channel), options.limits);
    frame.rows = array.rows;
    frame.cols = array.cols;
    frame.bits = 8 * array.type.bytes;
    frame.is_signed = array.type.is_signed;
    frame.encoding = encoding_of(array);
    frame.bytes = part.bytes.size();
    auto const saturation = frame.series == running.series ? running.saturation : std::nullopt;
    frame.tiles = make_tiles(array, part.owner, largest_valid_count(array.type, saturation, options.pixels));
    frame.start_ns = time_ns(fields, "start_time");
    frame.stop_ns = time_ns(fields, "stop_time");
    frame.real_ns = time_ns(fields, "real_time");
    return frame;
}

} // namespace sqd::dectris_stream2
