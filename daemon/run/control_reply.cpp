#include "daemon/run/control_reply.hpp"

#include <cstddef>
#include <utility>

namespace sqd {

ControlReply refusal(char const* code, std::string const& message) {
    constexpr std::size_t longest_message = 1024;
    return {{{"ok", false}, {"error", {{"code", code}, {"message", message.substr(0, longest_message)}}}}, {}};
}

ControlReply ok(Json fields) {
    Json json = {{"ok", true}};
    json.update(fields);
    return {std::move(json), {}};
}

bool has_text(nlohmann::json const& object, char const* key) {
    auto const found = object.find(key);
    return found != object.end() && found->is_string();
}

bool is_envelope(std::string const& key) {
    return key == "id" || key == "command" || key == "request";
}

std::vector<std::string> argument_keys(nlohmann::json const& request) {
    std::vector<std::string> out;
    for (auto const& [key, value] : request.items())
        if (!is_envelope(key)) out.push_back(key);
    return out;
}

nlohmann::json arguments(nlohmann::json const& request) {
    auto out = nlohmann::json::object();
    for (auto const& [key, value] : request.items())
        if (!is_envelope(key)) out[key] = value;
    return out;
}

} // namespace sqd
