// Shapes, types and byte orders of arrays; CBF files by their own header.
#include "detectors/array_stream/image.hpp"

#include "detectors/camserver/cbf_description.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/descriptions.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace sqd::array_stream {

using nlohmann::json;

namespace {

/// Little-endian unless said otherwise; an official example spells it "endianess".
void require_little_endian(json const& header) {
    for (char const* const key : {"endianness", "endianess"})
        if (auto const order = find_string(header, key); order && *order != "little")
            throw DecodeError(DecodeFault::unsupported, "pixels of " + excerpt(*order) + " byte order (only little-endian ones are read)");
}

void require_no_encoding(json const& header) {
    if (auto const encoding = find_string(header, "encoding"); encoding && !encoding->empty())
        throw DecodeError(DecodeFault::unsupported, "pixels encoded as '" + excerpt(*encoding) +
                                                        "' (arrays are read as they are) switch the sender's compression off");
}

/// ADZMQ's time stamp, in s.
std::optional<std::int64_t> start_ns(json const& header) {
    constexpr double limit_s = static_cast<double>(std::numeric_limits<std::int64_t>::max()) / 1e9;
    auto const time = find_number(header, "timeStamp");
    if (!time || *time < 0 || *time >= limit_s) return std::nullopt;
    return static_cast<std::int64_t>(*time * 1e9);
}

} // namespace

ArrayShape array_shape(std::vector<std::size_t> const& sizes, bool width_first, DecoderOptions const& options) {
    if (std::any_of(sizes.begin(), sizes.end() - 2, [](std::size_t size) { return size != 1; }))
        throw DecodeError(DecodeFault::unsupported, "shape has " + std::to_string(sizes.size()) + " axes (only single images are read)");
    auto const first = sizes[sizes.size() - 2], second = sizes.back();
    if (options.rows == 0 || options.cols == 0) return width_first ? ArrayShape{second, first} : ArrayShape{first, second};
    bool const fits = first == options.rows && second == options.cols, fits_turned = second == options.rows && first == options.cols;
    if (!fits && !fits_turned)
        throw DecodeError(DecodeFault::mismatch,
                          "image of another detector (" + shape_disagreement(first, second, options.rows, options.cols, "") + ")");
    return {options.rows, options.cols};
}

Frame read_array(json const& header, MessagePart const& pixels, bool width_first, DecoderOptions const& options) {
    require_little_endian(header);
    require_no_encoding(header);
    auto const type = require_pixel_type(header);
    auto const shape = array_shape(require_sizes(header), width_first, options);
    Frame frame;
    frame.rows = shape.rows;
    frame.cols = shape.cols;
    frame.bits = 8 * type.bytes;
    frame.is_signed = type.is_signed;
    frame.encoding = "none";
    frame.start_ns = start_ns(header);
    PixelFormat const format{checked_pixels(shape.rows, shape.cols, type.bytes, options.limits), type.bytes,
                             largest_valid_count(type, std::nullopt, options.pixels)};
    frame.tiles = std::make_shared<RawTiles>(pixels, format);
    return frame;
}

Frame read_file(MessagePart const& file, DecoderOptions const& options) {
    auto about = std::make_shared<SeriesStart>(describe_cbf(parse_cbf(file.bytes)));
    checked_pixels(about->rows, about->cols, sizeof(std::uint32_t), options.limits);
    Frame frame;
    frame.rows = about->rows;
    frame.cols = about->cols;
    frame.bits = 32;
    frame.is_signed = true;
    frame.encoding = "cbf";
    frame.exposure_s = about->count_time_s;
    frame.tiles = std::make_shared<CbfTiles>(file, frame.rows, frame.cols, options.pixels);
    frame.about = std::move(about);
    return frame;
}

} // namespace sqd::array_stream
