#include "daemon/web/web_pages.hpp"

#include "daemon/web/archive_pages.hpp"
#include "daemon/web/asset_page.hpp"
#include "daemon/web/control_page.hpp"
#include "daemon/web/health.hpp"
#include "daemon/web/metrics_text.hpp"
#include "daemon/web/past_pages.hpp"
#include "daemon/web/point_page.hpp"
#include "daemon/web/result_pages.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sqd {
namespace {

/// A request with the parts of its path that a route leaves open.
struct Asked {
    WebRequest const& request;
    WebSources const& sources;
    std::vector<std::string> parts = {};
};

WebReply nothing_there() {
    return web_refusal(404, "there is no such page (/api/v1 lists what there is)");
}

WebReply page(Asked const& asked) {
    return asset_page(*find_asset("index.html"), asked.request);
}

WebReply page_part(Asked const& asked) {
    PageAsset const* const asset = find_asset(asked.parts.front());
    return asset == nullptr ? nothing_there() : asset_page(*asset, asked.request);
}

WebReply health(Asked const& asked) {
    Health const found = health_of(asked.sources.facts());
    return json_reply(found.well ? 200 : 503, found.report);
}

WebReply metrics(Asked const& asked) {
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(asked.sources.facts())};
}

WebReply status(Asked const& asked) {
    auto const heartbeat = asked.sources.facts().heartbeat;
    return heartbeat ? json_reply(200, *heartbeat) : web_refusal(503, "there is no heartbeat yet");
}

WebReply config(Asked const& asked) {
    if (!asked.sources.config) return nothing_there();
    return {200, "text/plain; charset=utf-8", asked.sources.config()};
}

WebReply trend(Asked const& asked) {
    if (!asked.sources.trend) return nothing_there();
    return json_reply(200, {{"points", asked.sources.trend()}});
}

WebReply log(Asked const& asked) {
    return asked.sources.log ? log_page(asked.sources.facts().epoch, asked.sources.log()) : nothing_there();
}

WebReply rows(Asked const& asked) {
    return asked.sources.rows ? rows_page(asked.sources, asked.parts.front()) : nothing_there();
}

WebReply results(Asked const& asked) {
    return asked.sources.finals ? results_page(asked.sources.finals()) : nothing_there();
}

WebReply result(Asked const& asked) {
    auto const final = asked.sources.final_of ? asked.sources.final_of(asked.parts[0]) : std::nullopt;
    return final ? result_page(*final, asked.parts[1]) : web_refusal(404, "no final of that scan is kept (its archive may be there)");
}

WebReply point(Asked const& asked) {
    return asked.sources.points_of ? point_page(asked.sources.points_of(asked.parts[0]).get(), asked.parts[1], asked.sources.speaker)
                                   : nothing_there();
}

WebReply archive(Asked const& asked) {
    return asked.sources.archive.empty() ? nothing_there() : archive_page(asked.sources.archive);
}

WebReply archive_file(Asked const& asked) {
    return asked.sources.archive.empty() ? nothing_there() : archive_file_page(asked.sources.archive, asked.parts.front());
}

WebReply archive_messages(Asked const& asked) {
    if (asked.sources.archive.empty() || asked.sources.program.empty()) return nothing_there();
    return archive_messages_page(asked.sources.archive, asked.parts.front(), asked.sources.program);
}

WebReply control(Asked const& asked) {
    return control_page(asked.request, asked.sources);
}

WebReply openapi(Asked const& asked) {
    return asset_page(*find_asset("openapi.json"), asked.request);
}

/// /ws without an upgrade.
WebReply viewer(Asked const& /*asked*/) {
    WebReply reply = web_refusal(426, "this is for WebSockets");
    reply.headers.emplace_back("Upgrade", "websocket");
    return reply;
}

WebReply entrance(Asked const& asked);

struct Route {
    char const* method;
    char const* path;
    char const* meaning;
    WebReply (*page)(Asked const&);
};

/// All that is served; HEAD goes where GET does.
constexpr std::array<Route, 19> routes_table{{
    {"GET", "/", "the page", page},
    {"GET", "/page/{name}", "a part of it", page_part},
    {"GET", "/ws", "WebSocket: the latest message of every topic, at most ten times a second", viewer},
    {"GET", "/healthz", "200 while the service is well, else 503 and why", health},
    {"GET", "/metrics", "for Prometheus", metrics},
    {"GET", "/api/v1", "this list", entrance},
    {"GET", "/api/v1/openapi.json", "the same for programs", openapi},
    {"GET", "/api/v1/status", "the latest heartbeat as JSON", status},
    {"GET", "/api/v1/config", "the effective configuration as YAML", config},
    {"GET", "/api/v1/trend", "the peak of every result of late", trend},
    {"GET", "/api/v1/rows/{of}", "I or S of the last results of samples as one message, for a waterfall", rows},
    {"GET", "/api/v1/log", "the log of late, oldest first", log},
    {"GET", "/api/v1/results", "the finals that are kept, newest first", results},
    {"GET", "/api/v1/results/{uid}/{kind}", "a message of one, as the WebSocket sends it", result},
    {"GET", "/api/v1/points/{uid}/{index}", "the curve of a point of the map that runs, or of the last one", point},
    {"GET", "/api/v1/archive", "the files of the archive, newest first", archive},
    {"GET", "/api/v1/archive/{name}", "one of them", archive_file},
    {"GET", "/api/v1/archive/{name}/messages", "what it holds, as messages of the WebSocket's form one behind the other", archive_messages},
    {"POST", "/api/v1/control", "a control command; needs the token and a confirmation", control},
}};

WebReply entrance(Asked const& asked) {
    WebFacts const facts = asked.sources.facts();
    std::string text = "sqd " + facts.version + ", instance " + facts.instance + "\n\n";
    for (Route const& route : routes_table) text += std::string(route.method) + ' ' + route.path + "  " + route.meaning + '\n';
    return {200, "text/plain; charset=utf-8", std::move(text)};
}

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at != std::string_view::npos;) {
        std::size_t const slash = path.find('/', at + 1);
        out.emplace_back(path.substr(at + 1, slash == std::string_view::npos ? slash : slash - at - 1));
        at = slash;
    }
    return out;
}

/// The open parts, where the path is one of the route.
std::optional<std::vector<std::string>> match(Route const& route, std::vector<std::string> const& path) {
    auto const wanted = parts_of(route.path);
    if (wanted.size() != path.size()) return std::nullopt;
    std::vector<std::string> open;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{') && !path[i].empty())
            open.push_back(path[i]);
        else if (wanted[i] != path[i])
            return std::nullopt;
    }
    return open;
}

} // namespace

std::vector<std::pair<std::string, std::string>> const& strict_headers() {
    static std::vector<std::pair<std::string, std::string>> const headers{
        {"Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", "no-store"}};
    return headers;
}

WebReply json_reply(unsigned status, Json const& json) {
    return {status, "application/json", to_text(json) + '\n'};
}

WebReply web_refusal(unsigned status, std::string const& why) {
    return json_reply(status, {{"error", why}});
}

std::vector<WebRoute> WebPages::routes() {
    std::vector<WebRoute> out;
    for (Route const& route : routes_table) out.push_back({route.method, route.path, route.meaning});
    return out;
}

std::optional<WebReply> WebPages::refuses(WebRequest const& request, bool changes) const {
    if (!request.host || !guard_.host_allowed(*request.host))
        return web_refusal(403, "this server does not go by the name in Host (a page may be misleading the browser) use its address");
    if (changes && !guard_.origin_allowed(request.origin.value_or("")))
        return web_refusal(403, "Origin is another site (only pages of this server may change anything)");
    return std::nullopt;
}

/// A browser lets any page open a WebSocket anywhere: what it tells is for pages of this server alone.
std::optional<WebReply> WebPages::refuses_viewer(WebRequest const& request) const {
    if (request.target != "/ws") return nothing_there();
    return refuses(request, true);
}

WebReply WebPages::operator()(WebRequest const& request) const {
    bool const reads = request.method == "GET" || request.method == "HEAD";
    if (auto refused = refuses(request, !reads)) return std::move(*refused);
    if (!request.target.starts_with('/')) return nothing_there();
    auto const path = parts_of(std::string_view(request.target).substr(0, request.target.find('?')));
    std::string allowed;
    for (Route const& route : routes_table) {
        auto parts = match(route, path);
        if (!parts) continue;
        if ((reads ? "GET" : request.method) == route.method) return route.page({request, sources_, std::move(*parts)});
        allowed = route.method == std::string_view("GET") ? "GET, HEAD" : route.method;
    }
    if (allowed.empty()) return nothing_there();
    WebReply reply = web_refusal(405, "only " + allowed);
    reply.headers.emplace_back("Allow", allowed);
    return reply;
}

} // namespace sqd
