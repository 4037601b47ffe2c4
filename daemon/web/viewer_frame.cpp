#include "daemon/web/viewer_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace sqd {
namespace {

void append_float32(std::string& out, std::string const& float64) {
    std::size_t const count = float64.size() / sizeof(double), at = out.size();
    out.resize(at + count * sizeof(float));
    for (std::size_t i = 0; i < count; ++i) {
        double wide = 0;
        std::memcpy(&wide, float64.data() + i * sizeof wide, sizeof wide);
        auto const narrow = static_cast<float>(wide);
        std::memcpy(out.data() + at + i * sizeof narrow, &narrow, sizeof narrow);
    }
}

ViewerFrame frame(std::string const& topic, Json header, std::span<std::string const> arrays) {
    header["topic"] = topic;
    for (Json& entry : header.at("arrays")) entry["dtype"] = "<f4";
    std::string out = frame_head(header);
    for (std::string const& array : arrays) append_float32(out, array);
    return std::make_shared<std::string const>(std::move(out));
}

} // namespace

std::string frame_head(Json const& header) {
    std::string text = to_text(header);
    text.append((sizeof(float) - text.size() % sizeof(float)) % sizeof(float), ' ');
    auto const length = static_cast<std::uint32_t>(text.size());
    std::string out(sizeof length, '\0');
    std::memcpy(out.data(), &length, sizeof length);
    return out + text;
}

ViewerFrame viewer_frame(SentMessage const& message) {
    return frame(message.topic, Json::parse(message.parts.at(1)), std::span(message.parts).subspan(2));
}

ViewerFrame viewer_frame(WireMessage const& message) {
    return frame(message.topic, message.header, message.arrays);
}

} // namespace sqd
