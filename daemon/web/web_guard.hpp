// Who may ask over HTTP: a page of another origin in a browser on this machine may not.
#pragma once

#include <string>
#include <string_view>

namespace sqd {

/// Names that this server goes by. A browser can be made to send requests to any address, under the name that it was tricked with (DNS
/// rebinding): what names neither this machine nor an address of it is refused.
class WebGuard {
public:
    /// `listen`: the host of web.listen. Where it is every address of the machine, addresses are let in as such: no name was rebound.
    explicit WebGuard(std::string listen);

    /// A Host header, with or without its port.
    bool host_allowed(std::string_view host) const;
    /// An Origin header; a request without one comes from no page, and is allowed by being empty.
    bool origin_allowed(std::string_view origin) const;

private:
    std::string listen_, machine_;
    bool every_address_;
};

/// "[::1]:8640" -> "::1", "localhost:80" -> "localhost"; in lower case, without a final dot.
std::string host_without_port(std::string_view host);

} // namespace sqd
