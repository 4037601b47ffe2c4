// One HTTP connection: request, reply, request, until somebody has had enough. Boost stays in here and in web_server.cpp.
#pragma once

#include "daemon/web/web_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>

namespace sqd {

class Viewers;

/// What connections hand on to; it outlives them.
struct WebHelpers {
    Viewers& viewers;
    ChildPrograms& programs;
};

/// Lives as long as one of its operations waits. Everything runs on the server's one thread.
class WebConnection : public std::enable_shared_from_this<WebConnection> {
public:
    WebConnection(boost::asio::ip::tcp::socket socket, WebLimits const& limits, WebSite const& site, WebHelpers helpers, WebCounts& counts);
    ~WebConnection();
    WebConnection(WebConnection const&) = delete;
    WebConnection& operator=(WebConnection const&) = delete;

    void start() { await_request(); }

private:
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    using FileResponse = boost::beast::http::response<boost::beast::http::file_body>;
    void await_request();
    void read_request();
    void on_request(boost::beast::error_code error);
    void become_viewer(WebRequest const& asked);
    WebReply answer_to(WebRequest const& asked) const;
    void send(WebReply reply, bool head_only, bool keep_open);
    void send_file(WebReply const& reply, bool head_only, bool keep_open);
    void send_piece(bool keep_open);
    void send_output(WebReply reply, bool head_only, bool keep_open);
    void sent(boost::beast::error_code const& error, bool keep_open);
    void close();
    void drain();

    boost::beast::tcp_stream stream_;
    WebLimits const& limits_;
    WebSite const& site_;
    WebHelpers helpers_;
    WebCounts& counts_;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    std::optional<Response> response_;
    std::optional<FileResponse> file_;
    std::optional<boost::beast::http::response_serializer<boost::beast::http::file_body>> pieces_; ///< of file_
    std::shared_ptr<void> held_;                                                                   ///< as long as the reply is under way
    bool answered_ = false;
};

} // namespace sqd
