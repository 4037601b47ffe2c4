// What is answered to which request. No socket here.
#pragma once

#include "daemon/log/log_memory.hpp"
#include "daemon/publish/point_message.hpp"
#include "daemon/run/final_history.hpp"
#include "daemon/web/web_facts.hpp"
#include "daemon/web/web_guard.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct WebRequest {
    std::string method, target;
    std::optional<std::string> host, origin;
    std::string body = {}, authorization = {};
    std::string known_etag = {}; ///< If-None-Match
    bool takes_gzip = false;
};

struct WebReply {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< beside those that every reply has
    std::filesystem::path file = {};                               ///< its content is the body, where one is named
    std::vector<std::string> output_of = {};                       ///< a program; its output is the body, where one is named
};

/// Headers of every reply: nothing that a page of ours does not need is allowed to it, nothing is kept or guessed.
std::vector<std::pair<std::string, std::string>> const& strict_headers();

/// A refusal: JSON {"error": "..."}.
WebReply web_refusal(unsigned status, std::string const& why);
WebReply json_reply(unsigned status, Json const& json);

/// What is asked for to answer, from the server's thread. What is empty is not there, and not found.
struct WebSources {
    std::function<WebFacts()> facts;
    std::function<std::string()> config = {};                  ///< effective, YAML
    std::function<std::vector<Json>()> trend = {};             ///< the peak of every result of late, oldest first
    std::function<std::vector<RememberedFinal>()> finals = {}; ///< newest first
    std::function<std::optional<RememberedFinal>(std::string const& scan)> final_of = {};    ///< by uid
    std::function<LogLines()> log = {};                                                      ///< of late, oldest first
    std::function<std::optional<std::string>(std::string const& of)> rows = {};              ///< as RowBoard::frame()
    std::function<std::shared_ptr<MapPoints const>(std::string const& scan)> points_of = {}; ///< by uid; null: they are not kept
    Speaker speaker = {};               ///< of messages that are made when they are asked for
    std::filesystem::path archive = {}; ///< directory
    std::string program = {};           ///< this one's path: another process of it reads archive files
    std::string token = {};             ///< who knows it may change the measurement; empty: nobody
    /// A control command and its reply; nullopt: none came in time.
    std::function<std::optional<Json>(Json const& request)> command = {};
};

/// Something that is served: a method, and a path in which {name} stands for one part.
struct WebRoute {
    std::string method, path, meaning;
};

/// Called from the server's thread.
class WebPages {
public:
    WebPages(WebGuard guard, WebSources sources) : guard_(std::move(guard)), sources_(std::move(sources)) {}
    /// The page and its parts, `/healthz`, `/metrics`, `/api/v1/...`. 403 for a foreign Host or Origin, 404, 405.
    WebReply operator()(WebRequest const& request) const;
    /// Why a request for /ws is refused; nullopt: it is not.
    std::optional<WebReply> refuses_viewer(WebRequest const& request) const;
    static std::vector<WebRoute> routes();

private:
    std::optional<WebReply> refuses(WebRequest const& request, bool changes) const;

    WebGuard guard_;
    WebSources sources_;
};

} // namespace sqd
