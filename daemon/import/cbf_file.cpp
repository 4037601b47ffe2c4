#include "daemon/import/cbf_file.hpp"

#include "daemon/import/file_content.hpp"
#include "detectors/camserver/cbf_description.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/json_message.hpp"

#include <memory>
#include <utility>

namespace sqd {

ImageFile open_cbf_file(std::filesystem::path const& path, FileOptions const& options) {
    constexpr std::size_t header_and_padding = std::size_t{1} << 20;
    auto const& limits = options.decoder.limits;
    MessagePart const file = owned_part(read_all(path, limits.max_image_bytes + header_and_padding));
    CbfImage const image = parse_cbf(file.bytes);
    checked_pixels(image.rows, image.cols, sizeof(std::uint32_t), limits);
    ImageFile out;
    out.about = describe_cbf(image);
    Frame frame;
    frame.rows = image.rows;
    frame.cols = image.cols;
    frame.bits = 32;
    frame.is_signed = true;
    frame.encoding = "x-CBF_BYTE_OFFSET";
    frame.exposure_s = out.about.count_time_s;
    frame.bytes = file.bytes.size();
    frame.tiles = std::make_shared<CbfTiles>(file, frame.rows, frame.cols, options.decoder.pixels);
    out.images = 1;
    out.read = [frame](std::uint64_t) { return frame; };
    return out;
}

} // namespace sqd
