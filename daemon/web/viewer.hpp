// One page that looks on: a WebSocket that is told, and says nothing.
#pragma once

#include "daemon/web/viewer_frame.hpp"
#include "daemon/web/web_server.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sqd {

/// The latest of every topic, ready to be sent; shared by all viewers.
struct ViewerSlot {
    std::uint64_t turn = 0;
    ViewerFrame frame;
};
using ViewerSlots = std::map<std::string, ViewerSlot>;

/// Holds the one frame that is under way to it and nothing else. Lives as long as one of its operations waits, all on the server's thread.
class Viewer : public std::enable_shared_from_this<Viewer> {
public:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;

    /// `slots` and `counts` outlive it.
    Viewer(boost::beast::tcp_stream stream, WebLimits const& limits, ViewerSlots const& slots, WebCounts& counts);
    ~Viewer();
    Viewer(Viewer const&) = delete;
    Viewer& operator=(Viewer const&) = delete;

    /// Answers the request to become one.
    void start(Request request);
    /// Sends what it does not have yet, one frame after the other; drops it where the frame before has not been taken in time.
    void look(std::chrono::steady_clock::time_point now);

private:
    void listen();
    void send_next();
    void end(boost::beast::error_code const& error); ///< of what was read or sent
    void drop();                                     ///< ended by us, and counted
    void close();

    boost::beast::websocket::stream<boost::beast::tcp_stream> socket_;
    WebLimits const& limits_;
    ViewerSlots const& slots_;
    WebCounts& counts_;
    Request request_;
    boost::beast::flat_buffer said_;
    std::map<std::string, std::uint64_t> has_; ///< turn of every topic
    ViewerFrame under_way_;
    std::chrono::steady_clock::time_point since_;
    bool open_ = false;
};

} // namespace sqd
