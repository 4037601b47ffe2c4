#include "daemon/simulate/torn_connection.hpp"

#include "pipeline/core/errors.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace sqd::simulated {

namespace {

using SteadyClock = std::chrono::steady_clock;

[[noreturn]] void fail(TornPeer const& peer, std::string const& why) {
    throw IoError("cannot tear the connection at " + peer.endpoint + " (" + why + ") this fault needs a client on tcp://", true);
}

/// A TCP socket, blocking; every wait ends at a deadline.
class TcpSocket {
public:
    explicit TcpSocket(int fd) : fd_(fd) {}
    TcpSocket(TcpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    TcpSocket& operator=(TcpSocket&&) = delete;
    ~TcpSocket() {
        if (fd_ >= 0) close(fd_);
    }
    int fd() const { return fd_; }

    bool wait(short events, SteadyClock::time_point deadline) const {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        pollfd item{fd_, events, 0};
        return poll(&item, 1, static_cast<int>(std::max<long long>(left, 0))) > 0;
    }
    /// False when the other side closed or was silent.
    bool read(std::byte* into, std::size_t size, SteadyClock::time_point deadline) const {
        for (std::size_t got = 0; got < size;) {
            if (!wait(POLLIN, deadline)) return false;
            auto const n = recv(fd_, into + got, size - got, 0);
            if (n <= 0) return false;
            got += static_cast<std::size_t>(n);
        }
        return true;
    }
    bool write(Part const& bytes) const {
        for (std::size_t sent = 0; sent < bytes.size();) {
            auto const n = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) return false;
            sent += static_cast<std::size_t>(n);
        }
        return true;
    }
    /// All that was sent has arrived once the other side closes, too: a plain close() with bytes unread would throw it away.
    void finish(SteadyClock::time_point deadline) const {
        shutdown(fd_, SHUT_WR);
        for (std::array<std::byte, 256> rest; wait(POLLIN, deadline) && recv(fd_, rest.data(), rest.size(), 0) > 0;) {
        }
    }

private:
    int fd_;
};

sockaddr_in address_of(TornPeer const& peer) {
    constexpr std::string_view scheme = "tcp://";
    auto const colon = peer.endpoint.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (!peer.endpoint.starts_with(scheme) || colon <= scheme.size()) fail(peer, "it is no TCP address");
    auto const host = peer.endpoint.substr(scheme.size(), colon - scheme.size());
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) fail(peer, "'" + host + "' is no IPv4 address");
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(peer.endpoint.c_str() + colon + 1)));
    return address;
}

/// Waits for the client that comes back.
TcpSocket accept_client(TornPeer const& peer, SteadyClock::time_point deadline) {
    auto const address = address_of(peer);
    TcpSocket const listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int const on = 1;
    setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener.fd(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 || listen(listener.fd(), 1) != 0)
        fail(peer, std::strerror(errno));
    if (!listener.wait(POLLIN, deadline)) fail(peer, "no client came back");
    return TcpSocket(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
}

TcpSocket connect_to(TornPeer const& peer) {
    auto const address = address_of(peer);
    TcpSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(socket.fd(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) fail(peer, std::strerror(errno));
    return socket;
}

void append(Part& out, std::string_view text) {
    auto const bytes = part_of(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Signature, version 3.0, mechanism NULL, neither side is a server (ZMTP 3.0, section Greeting).
Part greeting() {
    using namespace std::string_view_literals;
    Part out = part_of("\xFF\0\0\0\0\0\0\0\0\x7F\x03\0NULL"sv);
    out.resize(64);
    return out;
}

/// Flags, the length in eight bytes, the body (ZMTP 3.0, section Framing).
Part frame(unsigned char flags, Part const& body) {
    constexpr unsigned char long_size = 2;
    Part out{std::byte(flags | long_size)};
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(std::byte(body.size() >> shift & 0xFFU));
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

Part ready(std::string const& socket_type) {
    Part body = part_of("\x05READY\x0BSocket-Type");
    append(body, {"\0\0\0", 3});
    append(body, std::string(1, static_cast<char>(socket_type.size())) + socket_type);
    constexpr unsigned char command = 4;
    Part out{std::byte{command}, std::byte(body.size())};
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

/// The other side's greeting and its first frame, which is its READY.
bool read_handshake(TcpSocket const& socket, SteadyClock::time_point deadline) {
    std::array<std::byte, 64> bytes;
    std::array<std::byte, 256> body;
    return socket.read(bytes.data(), bytes.size(), deadline) && socket.read(bytes.data(), 2, deadline) &&
           socket.read(body.data(), std::to_integer<std::size_t>(bytes[1]), deadline);
}

/// What arrives of the message: whole parts that promise more, or half of its only part.
Part first_half(Message const& message) {
    constexpr unsigned char more = 1;
    Part out;
    for (std::size_t i = 0; i < message.size() / 2; ++i) {
        auto const part = frame(more, message[i]);
        out.insert(out.end(), part.begin(), part.end());
    }
    if (message.size() == 1) {
        out = frame(0, message[0]);
        out.resize(out.size() - message[0].size() / 2);
    }
    return out;
}

} // namespace

void send_torn(TornPeer const& peer, Message const& message, std::chrono::milliseconds patience) {
    auto const deadline = SteadyClock::now() + patience;
    auto const socket = peer.connects ? connect_to(peer) : accept_client(peer, deadline);
    if (!socket.write(greeting()) || !socket.write(ready(peer.socket_type)) || !read_handshake(socket, deadline))
        fail(peer, "the client does not speak ZMTP 3");
    if (!socket.write(first_half(message))) fail(peer, "the client left");
    socket.finish(deadline);
}

} // namespace sqd::simulated
