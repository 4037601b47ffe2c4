// Why a service does not answer: libzmq goes on trying in silence, and a refusal would look like a timeout.
#pragma once

#include "daemon/run/peer_watch.hpp"

#include <optional>
#include <stdexcept>
#include <string>

namespace sqd {

/// The service is there, and does not let this client in.
class AccessRefused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Watches the handshakes of a client's socket. Made before it connects.
class RefusalWatch {
public:
    /// `endpoint` for the sentence; `keys`: the client shows one.
    RefusalWatch(zmq::context_t& context, zmq::socket_t& socket, std::string endpoint, bool keys);

    /// To poll for news.
    void* handle() const { return peers_.handle(); }
    /// Throws AccessRefused as soon as the service has said that it does not let this client in.
    void check();
    /// The same, and also for handshakes that broke off, which another service key does, or a service that ends in that moment: to be
    /// asked when the patience is at its end.
    void check_at_last();

private:
    [[noreturn]] void refuse(std::string const& why) const;

    std::string endpoint_;
    bool keys_, refused_ = false, mismatch_ = false, broken_ = false;
    PeerWatch peers_;
};

} // namespace sqd
