#include "daemon/web/point_page.hpp"

#include "daemon/web/viewer_frame.hpp"

#include <charconv>
#include <cstdint>

namespace sqd {

WebReply point_page(MapPoints const* map, std::string const& index, Speaker const& speaker) {
    if (map == nullptr) return web_refusal(404, "the points of that scan are not kept (its archive has them)");
    std::uint64_t place = 0;
    auto const [end, error] = std::from_chars(index.data(), index.data() + index.size(), place);
    bool const number = error == std::errc() && end == index.data() + index.size();
    auto const message = number ? point_message(*map, place, speaker) : std::nullopt;
    if (!message) return web_refusal(404, "the map has no point there so far (the index is row * columns + column, from 0)");
    return {200, "application/octet-stream", *viewer_frame(*message)};
}

} // namespace sqd
