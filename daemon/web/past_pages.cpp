#include "daemon/web/past_pages.hpp"

#include <utility>

namespace sqd {

WebReply log_page(std::string const& epoch, LogLines const& lines) {
    Json list = Json::array();
    for (auto const& line : lines)
        list.push_back({{"number", line->number}, {"time", iso_time(line->utc_ns)}, {"level", line->level}, {"text", line->text}});
    return json_reply(200, {{"epoch", epoch}, {"lines", std::move(list)}});
}

WebReply rows_page(WebSources const& sources, std::string const& of) {
    auto frame = sources.rows(of);
    if (!frame) return web_refusal(404, "there are rows of I and of S");
    return {200, "application/octet-stream", std::move(*frame)};
}

} // namespace sqd
