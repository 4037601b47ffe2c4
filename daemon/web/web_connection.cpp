#include "daemon/web/web_connection.hpp"

#include "daemon/web/viewers.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
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

template <class Response>
void put_head(Response& out, WebReply const& reply, bool keep_open) {
    out.result(reply.status);
    out.version(11);
    out.set(http::field::content_type, reply.content_type);
    for (auto const& [name, value] : strict_headers()) out.set(name, value);
    for (auto const& [name, value] : reply.headers) out.set(name, value);
    out.keep_alive(keep_open);
}

WebReply program_failed(ChildEnd const& end) {
    switch (end.how) {
    case ChildEnd::How::late: return web_refusal(504, "it took too long (the disk may be slow)");
    case ChildEnd::How::too_much: return web_refusal(422, "too large to be shown (the file can be had)");
    case ChildEnd::How::not_started: return web_refusal(503, end.complaint + " (try again)");
    default: return web_refusal(422, "it cannot be read: " + end.complaint.substr(0, end.complaint.find('\n')));
    }
}

} // namespace

WebConnection::WebConnection(boost::asio::ip::tcp::socket socket, WebLimits const& limits, WebSite const& site, WebHelpers helpers,
                             WebCounts& counts)
    : stream_(std::move(socket)), limits_(limits), site_(site), helpers_(helpers), counts_(counts),
      buffer_(limits.head_bytes + limits.body_bytes) {
    ++counts_.connections;
}

WebConnection::~WebConnection() {
    --counts_.connections;
}

/// The first byte may take long; from then on the whole request has one deadline, which no single byte puts off.
void WebConnection::await_request() {
    if (buffer_.size() > 0) return read_request();
    stream_.expires_after(answered_ ? limits_.keep_alive : limits_.patience);
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
    WebRequest const asked{std::string(request.method_string()),
                           std::string(request.target()),
                           field(request, http::field::host),
                           field(request, http::field::origin),
                           request.body(),
                           field(request, http::field::authorization).value_or(""),
                           field(request, http::field::if_none_match).value_or(""),
                           field(request, http::field::accept_encoding).value_or("").find("gzip") != std::string::npos};
    if (boost::beast::websocket::is_upgrade(request)) return become_viewer(asked);
    send(answer_to(asked), request.method() == http::verb::head, request.keep_alive());
}

/// From here on its socket belongs to the viewer.
void WebConnection::become_viewer(WebRequest const& asked) {
    auto refused = site_.refuses_viewer ? site_.refuses_viewer(asked) : web_refusal(404, "nobody may look on here");
    if (!refused && !helpers_.viewers.has_room()) refused = web_refusal(503, "as many pages look on as may (close one, and try again)");
    if (refused) return send(std::move(*refused), false, false);
    ++counts_.requests;
    helpers_.viewers.add(std::move(stream_), parser_->release());
}

/// What goes wrong in answering is told to the client and ends nothing else.
WebReply WebConnection::answer_to(WebRequest const& asked) const {
    try {
        return site_.answer(asked);
    } catch (std::exception const& error) {
        spdlog::error("web: a request failed: {}", error.what());
        return web_refusal(500, "the server failed to answer (its log says why)");
    }
}

void WebConnection::send(WebReply reply, bool head_only, bool keep_open) {
    if (!reply.file.empty()) return send_file(reply, head_only, keep_open);
    if (!reply.output_of.empty()) return send_output(std::move(reply), head_only, keep_open);
    ++counts_.requests;
    if (reply.status >= 400 && reply.status < 500) ++counts_.refused;
    Response& out = response_.emplace();
    put_head(out, reply, keep_open);
    std::size_t const length = reply.body.size();
    if (!head_only) out.body() = std::move(reply.body);
    out.content_length(length);
    stream_.expires_after(limits_.patience);
    http::async_write(stream_, out, [self = shared_from_this(), keep_open](error_code const& error, std::size_t /*bytes*/) {
        self->sent(error, keep_open);
    });
}

/// Piece by piece from the disk, each with a deadline of its own.
void WebConnection::send_file(WebReply const& reply, bool head_only, bool keep_open) {
    FileResponse& out = file_.emplace();
    error_code error;
    out.body().open(reply.file.c_str(), boost::beast::file_mode::scan, error);
    if (error) return send(web_refusal(404, "the file cannot be read (" + error.message() + ")"), head_only, keep_open);
    ++counts_.requests;
    put_head(out, reply, keep_open);
    out.content_length(out.body().size());
    pieces_.emplace(out);
    pieces_->split(head_only);
    if (!head_only) return send_piece(keep_open);
    stream_.expires_after(limits_.patience);
    http::async_write_header(stream_, *pieces_, [self = shared_from_this(), keep_open](error_code const& failed, std::size_t /*bytes*/) {
        self->sent(failed, keep_open);
    });
}

void WebConnection::send_piece(bool keep_open) {
    stream_.expires_after(limits_.patience);
    http::async_write_some(stream_, *pieces_, [self = shared_from_this(), keep_open](error_code const& error, std::size_t /*bytes*/) {
        if (error || self->pieces_->is_done()) return self->sent(error, keep_open);
        self->send_piece(keep_open);
    });
}

/// What one program has to say is one reply; who asked may have gone by then, and is answered all the same.
void WebConnection::send_output(WebReply reply, bool head_only, bool keep_open) {
    auto const command = std::exchange(reply.output_of, {});
    helpers_.programs.run(command, [self = shared_from_this(), reply, head_only, keep_open](ChildEnd end) {
        if (end.how != ChildEnd::How::well) return self->send(program_failed(end), head_only, keep_open);
        self->held_ = std::move(end.room);
        WebReply out = reply;
        out.body = std::move(end.output);
        self->send(std::move(out), head_only, keep_open);
    });
}

void WebConnection::sent(error_code const& error, bool keep_open) {
    response_.reset();
    held_.reset();
    pieces_.reset();
    file_.reset();
    answered_ = true;
    if (error || !keep_open) return close();
    await_request();
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
