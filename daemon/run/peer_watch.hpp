// Who is connected to a socket, as libzmq tells it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Counts the peers of one socket. Made before that socket binds or connects, gone before it; one thread calls it. read() must be called
/// often: libzmq's thread waits where more than `most_unread` events are unread.
class PeerWatch {
public:
    static constexpr int most_unread = 10000;

    /// Of a handshake that failed: libzmq's event and its value.
    using Failed = std::function<void(std::uint16_t event, std::uint32_t value)>;

    PeerWatch(zmq::context_t& context, zmq::socket_t& watched, Failed failed = {});
    ~PeerWatch();
    PeerWatch(PeerWatch const&) = delete;
    PeerWatch& operator=(PeerWatch const&) = delete;

    /// To poll for news.
    void* handle() const;
    /// Takes in what has happened; never waits.
    void read();
    std::size_t peers() const { return connections_.size(); }
    /// Number of the connection that has this file descriptor now, counted from 1; 0: none. Descriptors are used again, numbers are not.
    std::uint64_t connection(std::int32_t descriptor) const {
        auto const found = connections_.find(descriptor);
        return found == connections_.end() ? 0 : found->second;
    }
    /// Number and file descriptor of all but the `oldest` first connections that are there now.
    std::vector<std::pair<std::uint64_t, std::int32_t>> beyond(std::size_t oldest) const;
    /// Since the start: connections that ended (also those that were cut off for a message that is too large).
    std::uint64_t gone() const { return gone_; }
    /// Connections that did not speak ZeroMQ, or were not let in.
    std::uint64_t refused() const { return refused_; }

private:
    std::unique_ptr<zmq::socket_t> events_;
    zmq::socket_t& watched_;
    Failed failed_;
    std::map<std::int32_t, std::uint64_t> connections_; ///< their numbers, by file descriptors
    std::uint64_t begun_ = 0;
    std::uint64_t gone_ = 0, refused_ = 0;
};

} // namespace sqd
