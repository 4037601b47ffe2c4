// Shapes, thresholds and compressions of PILATUS images.
#include "detectors/pilatus_stream/image.hpp"

#include "detectors/camserver/cbf_description.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <string>
#include <vector>

namespace sqd::pilatus_stream {

using nlohmann::json;

namespace {

struct Shape {
    std::size_t thresholds = 1, rows = 0, cols = 0;
    bool named = false; ///< thresholds are told apart
};

Shape read_shape(json const& description) {
    auto const sizes = require_sizes(description);
    if (sizes.size() == 2) return {1, sizes[0], sizes[1], false};
    if (sizes.size() == 3) return {sizes[0], sizes[1], sizes[2], true};
    throw DecodeError(DecodeFault::unsupported,
                      "shape of " + std::to_string(sizes.size()) + " axes (rows and columns, or thresholds, rows and columns are read)");
}

std::string channel_name(std::size_t threshold) {
    return "threshold_" + std::to_string(threshold + 1);
}

/// Which payload is wanted, counted from 0.
std::size_t chosen_threshold(std::size_t thresholds, std::string const& channel) {
    if (channel.empty() && thresholds == 1) return 0;
    std::string known;
    for (std::size_t i = 0; i < thresholds; ++i) {
        if (channel == channel_name(i)) return i;
        known += (i == 0 ? "" : ", ") + channel_name(i);
    }
    if (channel.empty())
        throw DecodeError(DecodeFault::unsupported, "image of " + std::to_string(thresholds) + " thresholds (" + known +
                                                        ", none is chosen) write one of them as source.channel");
    throw DecodeError(DecodeFault::mismatch,
                      "image without channel '" + excerpt(channel) + "' (it has " + known + ") correct source.channel");
}

void require_parts(std::size_t parts, std::size_t thresholds) {
    if (parts == 0 || parts - 1 != thresholds)
        throw DecodeError(DecodeFault::malformed, "image of " + std::to_string(parts) +
                                                      " parts (its description and the pixels of each threshold are " +
                                                      std::to_string(thresholds) + " + 1)");
}

std::shared_ptr<TileReader> make_tiles(Frame& frame, MessagePart const& blob, PixelType type, DecoderOptions const& options) {
    PixelFormat const format{checked_pixels(frame.rows, frame.cols, type.bytes, options.limits), type.bytes,
                             largest_valid_count(type, std::nullopt, options.pixels)};
    if (frame.encoding == "none") return std::make_shared<RawTiles>(blob, format);
    if (frame.encoding == "bslz4") return std::make_shared<BitshuffleTiles>(blob, format, BitshuffleTiles::Header::perhaps);
    if (frame.encoding != "cbf")
        throw DecodeError(DecodeFault::unsupported, "compression '" + excerpt(frame.encoding) + "' (cbf, bslz4 and raw pixels are read)");
    if (type.bytes != 4) throw DecodeError(DecodeFault::mismatch, "CBF image that is not int32");
    frame.about = describe_cbf_file(blob.bytes);
    if (frame.about) frame.exposure_s = frame.about->count_time_s;
    return std::make_shared<CbfTiles>(blob, frame.rows, frame.cols, options.pixels);
}

} // namespace

Frame read_image(json const& description, std::span<MessagePart const> parts, DecoderOptions const& options) {
    auto const shape = read_shape(description);
    require_parts(parts.size(), shape.thresholds);
    std::size_t const threshold = chosen_threshold(shape.thresholds, options.channel);
    auto const& blob = parts[1 + threshold];
    auto const type = require_pixel_type(description);
    auto const compression = find_string(description, "compression").value_or("");
    Frame frame;
    frame.series_named = false;
    frame.number = find_unsigned(description, "frame").value_or(0);
    frame.rows = shape.rows;
    frame.cols = shape.cols;
    frame.bits = 8 * type.bytes;
    frame.is_signed = type.is_signed;
    frame.encoding = compression.empty() ? "none" : compression;
    if (shape.named) frame.channel = channel_name(threshold);
    frame.bytes = parts[0].bytes.size() + blob.bytes.size();
    if (auto const exposure = find_number(description, "exposure_time"); exposure && *exposure > 0) frame.exposure_s = exposure;
    frame.tiles = make_tiles(frame, blob, type, options);
    return frame;
}

} // namespace sqd::pilatus_stream
