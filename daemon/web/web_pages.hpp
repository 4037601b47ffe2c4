// What is answered to which request. No socket here.
#pragma once

#include "daemon/web/web_facts.hpp"
#include "daemon/web/web_guard.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct WebRequest {
    std::string method, target;
    std::optional<std::string> host, origin;
};

struct WebReply {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< beside those that every reply has
};

/// Headers of every reply: nothing that a page of ours does not need is allowed to it, nothing is kept or guessed.
std::vector<std::pair<std::string, std::string>> const& strict_headers();

/// A refusal: JSON {"error": "..."}.
WebReply web_refusal(unsigned status, std::string const& why);

/// Called from the server's thread.
class WebPages {
public:
    WebPages(WebGuard guard, std::function<WebFacts()> facts) : guard_(std::move(guard)), facts_(std::move(facts)) {}
    /// `/`, `/healthz`, `/metrics`, `/api/v1/status`; GET and HEAD. 403 for a foreign Host or Origin, 404, 405.
    WebReply operator()(WebRequest const& request) const;

private:
    WebGuard guard_;
    std::function<WebFacts()> facts_;
};

} // namespace sqd
