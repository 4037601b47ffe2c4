#include "daemon/web/web_connection.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace sqd {

namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

/// The status that tells a client what was wrong with its bytes; 0 = it has gone, or was too slow to be told.
unsigned status_of(error_code const& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
    if (error == http::error::body_limit) return 413;
    if (error.category() == make_error_code(http::error::bad_method).category() && error != http::error::end_of_stream &&
        error != http::error::partial_message)
        return 400;
    return 0;
}

std::optional<std::string> field(http::request<http::string_body> const& request, http::field name) {
    auto const found = request.find(name);
    if (found == request.end()) return std::nullopt;
    return std::string(found->value());
}

} // namespace

WebConnection::WebConnection(boost::asio::ip::tcp::socket socket, WebLimits const& limits, WebServer::Answer const& answer,
                             WebCounts& counts)
    : stream_(std::move(socket)), limits_(limits), answer_(answer), counts_(counts), buffer_(limits.head_bytes + limits.body_bytes) {
    ++counts_.connections;
}

WebConnection::~WebConnection() {
    --counts_.connections;
}

/// The first byte may take long; from then on the whole request has one deadline, which no single byte puts off.
void WebConnection::await_request() {
    if (buffer_.size() > 0) return read_request();
    stream_.expires_after(response_ ? limits_.keep_alive : limits_.patience);
    stream_.async_read_some(buffer_.prepare(1024), [self = shared_from_this()](error_code const& error, std::size_t bytes) {
        if (error) return self->close();
        self->buffer_.commit(bytes);
        self->read_request();
    });
}

void WebConnection::read_request() {
    parser_.emplace();
    parser_->header_limit(limits_.head_bytes);
    parser_->body_limit(limits_.body_bytes);
    stream_.expires_after(limits_.patience);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code const& error, std::size_t /*bytes*/) { self->on_request(error); });
}

void WebConnection::on_request(error_code error) {
    if (error) {
        unsigned const status = status_of(error);
        if (status == 0) return close();
        return send(web_refusal(status, "the request is not understood (" + error.message() + ")"), false, false);
    }
    auto const& request = parser_->get();
    send(answer_to_request(), request.method() == http::verb::head, request.keep_alive());
}

/// What goes wrong in answering is told to the client and ends nothing else.
WebReply WebConnection::answer_to_request() const {
    auto const& request = parser_->get();
    WebRequest const asked{std::string(request.method_string()), std::string(request.target()), field(request, http::field::host),
                           field(request, http::field::origin)};
    try {
        return answer_(asked);
    } catch (std::exception const& error) {
        spdlog::error("web: a request failed: {}", error.what());
        return web_refusal(500, "the server failed to answer (its log says why)");
    }
}

void WebConnection::send(WebReply reply, bool head_only, bool keep_open) {
    ++counts_.requests;
    if (reply.status >= 400 && reply.status < 500) ++counts_.refused;
    Response& out = response_.emplace();
    out.result(reply.status);
    out.version(11);
    out.set(http::field::content_type, reply.content_type);
    for (auto const& [name, value] : strict_headers()) out.set(name, value);
    for (auto const& [name, value] : reply.headers) out.set(name, value);
    out.keep_alive(keep_open);
    std::size_t const length = reply.body.size();
    if (!head_only) out.body() = std::move(reply.body);
    out.content_length(length);
    stream_.expires_after(limits_.patience);
    http::async_write(stream_, out, [self = shared_from_this(), keep_open](error_code const& error, std::size_t /*bytes*/) {
        if (error || !keep_open) return self->close();
        self->await_request();
    });
}

/// A socket that is closed before all has been read resets the connection, and the client loses the reply that says why.
void WebConnection::close() {
    error_code ignored;
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(1));
    buffer_.clear();
    drain();
}

void WebConnection::drain() {
    constexpr std::size_t piece = 4096;
    stream_.async_read_some(buffer_.prepare(piece), [self = shared_from_this()](error_code const& error, std::size_t /*bytes*/) {
        if (!error) self->drain(); // until the client has gone, or the second is over
    });
}

} // namespace sqd
