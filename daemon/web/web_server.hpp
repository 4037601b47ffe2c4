// The HTTP server: one thread, bounded in connections, bytes and time.
#pragma once

#include "daemon/web/child_program.hpp"
#include "daemon/web/web_pages.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace sqd {

class LatestBoard;

/// What a client may cost.
struct WebLimits {
    std::size_t connections = 64;                 ///< at once; more are closed as they come
    std::size_t viewers = 32;                     ///< of these: pages that look on
    std::uint32_t head_bytes = 8 << 10;           ///< of a request
    std::uint64_t body_bytes = 64 << 10;          ///< of a request
    std::chrono::milliseconds patience{10'000};   ///< for a whole request, and for a reply to be taken
    std::chrono::milliseconds keep_alive{30'000}; ///< between two requests, or two answers of a page to a ping
    std::chrono::milliseconds viewer_period{100}; ///< a page is told no more often what is new
    ChildLimits programs = {};                    ///< whose output is a reply
    int viewer_buffer_bytes = 128 << 10; ///< of what was sent to a page and has not arrived; Linux takes twice as much memory for it
};

/// Written by the server's thread, read by any.
struct WebCounts {
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> viewers{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused{0};         ///< connections beyond the limit, and requests answered by 4xx
    std::atomic<std::uint64_t> viewers_dropped{0}; ///< pages that did not take a frame in time, or answered no ping
};

/// What is served, asked from run()'s thread; all of it outlives the server.
struct WebSite {
    std::function<WebReply(WebRequest const&)> answer;
    /// Who may not look on at /ws, and why.
    std::function<std::optional<WebReply>(WebRequest const&)> refuses_viewer = {};
    LatestBoard const* latest = nullptr; ///< what those who look on are told; null: nobody may
};

/// Bound on construction; whoever made it runs it.
class WebServer {
public:
    /// `listen`: address:port, port 0 = any. `counts` outlives the server. Throws ConfigError (web.listen) when the address is in use or
    /// is none.
    WebServer(std::string const& listen, WebLimits const& limits, WebSite site, WebCounts& counts);
    ~WebServer();

    /// "http://127.0.0.1:8640"
    std::string const& endpoint() const;
    /// Serves until stopped. What goes wrong with one connection ends that one.
    void run(std::stop_token const& stop);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Host of "address:port".
std::string listen_host(std::string const& listen);

} // namespace sqd
