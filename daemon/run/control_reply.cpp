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

ControlReply durable_or_not(ControlReply reply, bool durable) {
    reply.json["durable"] = durable;
    if (!durable)
        reply.json["warning"] =
            "it is not on disk (the journal's disk is slow or full, or the processing behind) a restart may not know it";
    return reply;
}

bool has_text(nlohmann::json const& object, char const* key) {
    auto const found = object.find(key);
    return found != object.end() && found->is_string();
}

std::string request_of(nlohmann::json const& request) {
    return has_text(request, "request") ? request["request"].get<std::string>() : std::string{};
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
