#include "detectors/simulated/pilatus_messages.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace sqd::simulated {

namespace {

using Json = nlohmann::ordered_json;

Message image(std::optional<std::uint64_t> frame, std::size_t rows, std::size_t cols, char const* compression, Part payload) {
    Json header = {{"htype", "image"}};
    if (frame) header["frame"] = *frame;
    header["shape"] = {rows, cols};
    header["type"] = "int32";
    header["compression"] = compression;
    Message message{part_of(header.dump())};
    message.push_back(std::move(payload));
    return message;
}

} // namespace

Message pilatus_header_message(std::string const& filename) {
    return {part_of(Json{{"htype", "header"}, {"filename", filename}}.dump())};
}

Message pilatus_raw_message(std::optional<std::uint64_t> frame, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels) {
    return image(frame, rows, cols, "", part_of(pixels));
}

Message pilatus_cbf_message(std::optional<std::uint64_t> frame, std::size_t rows, std::size_t cols, Part file) {
    return image(frame, rows, cols, "cbf", std::move(file));
}

Message pilatus_end_message() {
    return {part_of(std::string_view(R"({"htype":"series_end"})"))};
}

Message passed_header_message(std::uint64_t message, std::string const& filename, std::string const& scan) {
    Message parts{part_of(Json{{"htype", "header"}, {"filename", filename}, {"msg_number", message}}.dump())};
    if (!scan.empty()) parts.push_back(part_of(scan));
    return parts;
}

Message passed_image_message(PassedImage const& image, std::vector<Part> const& payloads) {
    Json shape = Json::array();
    if (image.thresholds > 0) shape.push_back(image.thresholds);
    shape.push_back(image.rows);
    shape.push_back(image.cols);
    Json header = {{"htype", "image"}, {"frame", image.frame}, {"shape", shape}, {"type", image.type}, {"compression", image.compression}};
    if (image.exposure_s) header["exposure_time"] = *image.exposure_s;
    header["msg_number"] = image.message;
    Message parts{part_of(header.dump())};
    parts.insert(parts.end(), payloads.begin(), payloads.end());
    return parts;
}

Message passed_end_message(std::uint64_t message) {
    return {part_of(Json{{"htype", "series_end"}, {"msg_number", message}}.dump())};
}

Part without_framing_header(Part bslz4) {
    constexpr std::ptrdiff_t header_bytes = 12;
    bslz4.erase(bslz4.begin(), bslz4.begin() + header_bytes);
    return bslz4;
}

} // namespace sqd::simulated
