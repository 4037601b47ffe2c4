// The HTTP server: one thread, bounded in connections, bytes and time.
#pragma once

#include "daemon/web/web_pages.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace sqd {

/// What a client may cost.
struct WebLimits {
    std::size_t connections = 64;                 ///< at once; more are closed as they come
    std::uint32_t head_bytes = 8 << 10;           ///< of a request
    std::uint64_t body_bytes = 64 << 10;          ///< of a request
    std::chrono::milliseconds patience{10'000};   ///< for a whole request, and for a reply to be taken
    std::chrono::milliseconds keep_alive{30'000}; ///< between two requests
};

/// Written by the server's thread, read by any.
struct WebCounts {
    std::atomic<std::size_t> connections{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused{0}; ///< connections beyond the limit, and requests answered by 4xx
};

/// Bound on construction; whoever made it runs it.
class WebServer {
public:
    using Answer = std::function<WebReply(WebRequest const&)>;

    /// `listen`: address:port, port 0 = any. `answer` is called from run()'s thread; `counts` outlives the server. Throws ConfigError
    /// (web.listen) when the address is in use or is none.
    WebServer(std::string const& listen, WebLimits const& limits, Answer answer, WebCounts& counts);
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
