#include "daemon/web/result_pages.hpp"

#include "daemon/web/viewer_frame.hpp"

#include <algorithm>

namespace sqd {
namespace {

std::string kind_of(WireMessage const& message) {
    std::string const& topic = message.topic; // <instance>/<kind>/
    auto const slash = topic.find('/');
    return slash == std::string::npos ? topic : topic.substr(slash + 1, topic.size() - slash - 2);
}

Json result_json(RememberedFinal const& final) {
    Json out = final_json(final);
    out["kinds"] = Json::array();
    for (WireMessage const& message : *final.messages) {
        out["kinds"].push_back(kind_of(message));
        if (kind_of(message) == "fsdp") out["fsdp"] = message.header.value("values", Json::object());
        out["scan"] = message.header.value("scan", Json::object());
        out["frames"] = message.header.value("frames", Json::object());
    }
    return out;
}

} // namespace

WebReply results_page(std::vector<RememberedFinal> const& finals) {
    Json list = Json::array();
    for (RememberedFinal const& final : finals) list.push_back(result_json(final));
    return json_reply(200, {{"finals", std::move(list)}});
}

WebReply result_page(RememberedFinal const& final, std::string const& kind) {
    auto const found = std::ranges::find_if(*final.messages, [&](WireMessage const& message) { return kind_of(message) == kind; });
    if (found == final.messages->end()) return web_refusal(404, "the result has no such kind (/api/v1/results lists them)");
    return {200, "application/octet-stream", *viewer_frame(*found)};
}

} // namespace sqd
