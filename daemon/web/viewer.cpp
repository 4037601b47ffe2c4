#include "daemon/web/viewer.hpp"

#include "daemon/web/web_pages.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>

#include <utility>

namespace sqd {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;

Viewer::Viewer(beast::tcp_stream stream, WebLimits const& limits, ViewerSlots const& slots, WebCounts& counts)
    : socket_(std::move(stream)), limits_(limits), slots_(slots), counts_(counts) {
    ++counts_.connections;
    ++counts_.viewers;
}

Viewer::~Viewer() {
    --counts_.connections;
    --counts_.viewers;
}

void Viewer::start(Request request) {
    request_ = std::move(request);
    auto& connection = beast::get_lowest_layer(socket_);
    connection.expires_never(); // the WebSocket has deadlines of its own
    // Left alone, the system would hold megabytes for it: a page behind a slow link would see what was new seconds ago.
    error_code ignored;
    connection.socket().set_option(boost::asio::socket_base::send_buffer_size(limits_.viewer_buffer_bytes), ignored);
    websocket::stream_base::timeout deadlines{};
    deadlines.handshake_timeout = limits_.patience;
    deadlines.idle_timeout = limits_.keep_alive; // pings keep up who is there
    deadlines.keep_alive_pings = true;
    socket_.set_option(deadlines);
    socket_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
        for (auto const& [name, value] : strict_headers()) response.set(name, value);
    }));
    socket_.read_message_max(1);
    socket_.auto_fragment(false);
    socket_.binary(true);
    socket_.async_accept(request_, [self = shared_from_this()](error_code const& error) {
        if (error) return;
        self->open_ = true;
        self->listen();
        self->send_next();
    });
}

/// A page has nothing to say here: whatever it sends ends it, and its leaving is noticed.
void Viewer::listen() {
    socket_.async_read(said_, [self = shared_from_this()](error_code const& error, std::size_t /*bytes*/) { self->end(error); });
}

void Viewer::look(std::chrono::steady_clock::time_point now) {
    if (!open_) return;
    if (!under_way_) return send_next();
    if (now - since_ > limits_.patience) drop();
}

void Viewer::send_next() {
    for (auto const& [topic, slot] : slots_) {
        std::uint64_t& has = has_[topic];
        if (slot.turn <= has) continue;
        has = slot.turn;
        under_way_ = slot.frame;
        since_ = std::chrono::steady_clock::now();
        socket_.async_write(boost::asio::buffer(*under_way_), [self = shared_from_this()](error_code const& error, std::size_t /*bytes*/) {
            self->under_way_.reset();
            if (error) return self->end(error);
            if (self->open_) self->send_next();
        });
        return;
    }
}

void Viewer::end(error_code const& error) {
    if (error == beast::error::timeout) return drop(); // it has answered no ping
    close();
}

void Viewer::drop() {
    if (!open_) return;
    ++counts_.viewers_dropped;
    close();
}

/// What waits ends with it.
void Viewer::close() {
    open_ = false;
    error_code ignored;
    beast::get_lowest_layer(socket_).socket().close(ignored);
}

} // namespace sqd
