#include "daemon/web/web_pages.hpp"

#include "daemon/web/health.hpp"
#include "daemon/web/metrics_text.hpp"

#include <array>

namespace sqd {
namespace {

constexpr char const* json_type = "application/json";

WebReply json_reply(unsigned status, Json const& json) {
    return {status, json_type, to_text(json) + '\n'};
}

WebReply entrance(WebFacts const& facts);

WebReply health(WebFacts const& facts) {
    Health const found = health_of(facts);
    return json_reply(found.well ? 200 : 503, found.report);
}

WebReply metrics(WebFacts const& facts) {
    return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(facts)};
}

WebReply status(WebFacts const& facts) {
    if (!facts.heartbeat) return web_refusal(503, "there is no heartbeat yet");
    return json_reply(200, *facts.heartbeat);
}

/// All that is served.
struct Route {
    char const* path;
    char const* meaning;
    WebReply (*page)(WebFacts const&);
};
constexpr std::array<Route, 4> routes{{{"/", "this list", entrance},
                                       {"/healthz", "200 while the service is well, else 503 and why", health},
                                       {"/metrics", "for Prometheus", metrics},
                                       {"/api/v1/status", "the latest heartbeat as JSON", status}}};

WebReply entrance(WebFacts const& facts) {
    std::string text = "sqd " + facts.version + ", instance " + facts.instance + "\n\n";
    for (Route const& route : routes) text += std::string(route.path) + "  " + route.meaning + '\n';
    return {200, "text/plain; charset=utf-8", std::move(text)};
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

WebReply web_refusal(unsigned status, std::string const& why) {
    return json_reply(status, {{"error", why}});
}

WebReply WebPages::operator()(WebRequest const& request) const {
    if (!request.host || !guard_.host_allowed(*request.host))
        return web_refusal(403, "this server does not go by the name in Host (a page may be misleading the browser) use its address");
    bool const reads = request.method == "GET" || request.method == "HEAD";
    if (!reads && !guard_.origin_allowed(request.origin.value_or("")))
        return web_refusal(403, "Origin is another site (only pages of this server may change anything)");
    std::string const path = request.target.substr(0, request.target.find('?'));
    for (Route const& route : routes) {
        if (path != route.path) continue;
        if (!reads) {
            WebReply reply = web_refusal(405, "only GET and HEAD");
            reply.headers.emplace_back("Allow", "GET, HEAD");
            return reply;
        }
        return route.page(facts_());
    }
    return web_refusal(404, "there is no such page (/ lists them)");
}

} // namespace sqd
