// A client of the web server on loopback, byte by byte.
#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace sqd::test {

class WebClient {
public:
    explicit WebClient(std::string const& endpoint) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr generic{};
        static_assert(sizeof generic == sizeof address);
        std::memcpy(&generic, &address, sizeof address);
        REQUIRE(connect(fd_, &generic, sizeof generic) == 0);
        timeval const patience{0, 20'000};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~WebClient() { close(fd_); }
    WebClient(WebClient const&) = delete;
    WebClient& operator=(WebClient const&) = delete;

    void say(std::string const& text) { [[maybe_unused]] auto const n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
    /// True when the server has ended the connection; waits 20 ms for it. What came is added to `heard`.
    bool over() {
        std::array<char, 65536> bytes;
        auto const n = recv(fd_, bytes.data(), bytes.size(), 0);
        if (n > 0) heard.append(bytes.data(), static_cast<std::size_t>(n));
        return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }
    std::string heard;

private:
    int fd_;
};

} // namespace sqd::test
