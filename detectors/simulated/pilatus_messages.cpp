#include "detectors/simulated/pilatus_messages.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace sqd::simulated {

namespace {

Message image(std::uint64_t frame, std::size_t rows, std::size_t cols, char const* compression, Part payload) {
    nlohmann::ordered_json const header = {
        {"htype", "image"}, {"frame", frame}, {"shape", {rows, cols}}, {"type", "int32"}, {"compression", compression}};
    Message message{part_of(header.dump())};
    message.push_back(std::move(payload));
    return message;
}

} // namespace

Message pilatus_header_message(std::string const& filename) {
    return {part_of(nlohmann::ordered_json{{"htype", "header"}, {"filename", filename}}.dump())};
}

Message pilatus_raw_message(std::uint64_t frame, std::size_t rows, std::size_t cols, std::span<std::int32_t const> pixels) {
    return image(frame, rows, cols, "", part_of(pixels));
}

Message pilatus_cbf_message(std::uint64_t frame, std::size_t rows, std::size_t cols, Part file) {
    return image(frame, rows, cols, "cbf", std::move(file));
}

Message pilatus_end_message() {
    return {part_of(std::string_view(R"({"htype":"series_end"})"))};
}

} // namespace sqd::simulated
