#include "daemon/web/control_page.hpp"

#include "pipeline/core/json_depth.hpp"

#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sqd {
namespace {

/// All that changes the measurement; the service itself is ended by those who run it.
constexpr std::array<std::string_view, 8> allowed{"announce", "begin", "end", "abort", "reset", "background", "reference", "acknowledge"};

} // namespace

bool same_secret(std::string const& a, std::string const& b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

WebReply control_page(WebRequest const& request, WebSources const& sources) {
    if (sources.token.empty() || !sources.command)
        return web_refusal(403, "this page only shows (web.token is none) give a file with a secret to web.token");
    constexpr std::string_view scheme = "Bearer ";
    bool const has = request.authorization.starts_with(scheme);
    if (!has || !same_secret(request.authorization.substr(scheme.size()), sources.token)) {
        spdlog::warn("web: a command was refused ({})", has ? "another token" : "no token");
        return web_refusal(403, "the token is missing or another (Authorization: Bearer TOKEN)");
    }
    if (json_depth(request.body) > max_json_depth) return web_refusal(400, "nested too deep");
    Json command = Json::parse(request.body, nullptr, false);
    if (!command.is_object() || !command.contains("command") || !command["command"].is_string())
        return web_refusal(400, "the body is no JSON object with a text `command`");
    auto const name = command["command"].get<std::string>();
    if (std::ranges::find(allowed, name) == allowed.end()) return web_refusal(400, "that is no command that a page may give");
    if (command.value("confirm", Json()) != Json(name)) return web_refusal(428, "say `confirm`: \"" + name + "\" to have it done");
    command.erase("confirm");
    spdlog::info("web: {}", to_text(command).substr(0, 1000));
    auto const reply = sources.command(command);
    if (!reply) return web_refusal(504, "no answer came in time; it may still be obeyed");
    return json_reply(reply->value("ok", false) ? 200 : 409, *reply);
}

} // namespace sqd
