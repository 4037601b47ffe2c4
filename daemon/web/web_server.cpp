#include "daemon/web/web_server.hpp"

#include "daemon/web/viewers.hpp"
#include "daemon/web/web_connection.hpp"
#include "pipeline/core/errors.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <memory>
#include <utility>

namespace sqd {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct WebServer::Parts {
    WebLimits limits;
    WebSite site;
    WebCounts& counts;
    asio::io_context io{1};
    Viewers viewers{io, site.latest, limits, counts};
    ChildPrograms programs{io, limits.programs};
    tcp::acceptor acceptor{io};
    asio::steady_timer pause{io};
    std::string endpoint;

    Parts(WebLimits const& limits_in, WebSite site_in, WebCounts& counts_in)
        : limits(limits_in), site(std::move(site_in)), counts(counts_in) {}

    void bind(std::string const& listen);
    void accept();
};

std::string listen_host(std::string const& listen) {
    std::string host = listen.substr(0, listen.rfind(':'));
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

void WebServer::Parts::bind(std::string const& listen) {
    auto const colon = listen.rfind(':');
    std::string const host = listen_host(listen), shown = listen.substr(0, colon);
    try {
        tcp::resolver resolver(io);
        tcp::endpoint const address =
            resolver.resolve(host, listen.substr(colon + 1), tcp::resolver::passive | tcp::resolver::numeric_service)->endpoint();
        acceptor.open(address.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true)); // a port that only old connections hold
        acceptor.bind(address);
        acceptor.listen();
    } catch (boost::system::system_error const& error) {
        throw ConfigError("web.listen: " + listen + " cannot be listened at (" + error.code().message() +
                          ") is another sqd running? choose another port, or none");
    }
    endpoint = "http://" + shown + ':' + std::to_string(acceptor.local_endpoint().port());
}

void WebServer::Parts::accept() {
    acceptor.async_accept([this](error_code const& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (error) { // no descriptors, for example: it will not be better at once
            pause.expires_after(std::chrono::milliseconds(100));
            pause.async_wait([this](error_code const& stopped) {
                if (!stopped) accept();
            });
            return;
        }
        if (counts.connections >= limits.connections) {
            ++counts.refused; // the socket closes as it goes
        } else {
            std::make_shared<WebConnection>(std::move(socket), limits, site, WebHelpers{viewers, programs}, counts)->start();
        }
        accept();
    });
}

WebServer::WebServer(std::string const& listen, WebLimits const& limits, WebSite site, WebCounts& counts)
    : parts_(std::make_unique<Parts>(limits, std::move(site), counts)) {
    parts_->bind(listen);
}

WebServer::~WebServer() = default;

std::string const& WebServer::endpoint() const {
    return parts_->endpoint;
}

void WebServer::run(std::stop_token const& stop) {
    Parts& p = *parts_;
    std::stop_callback const stopping(stop, [&p] { p.io.stop(); });
    p.accept();
    while (!stop.stop_requested()) {
        try {
            p.io.run();
        } catch (std::exception const& error) {
            spdlog::error("web: {}", error.what());
        }
    }
}

} // namespace sqd
