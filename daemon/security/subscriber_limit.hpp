// What subscribers may ask for.
#pragma once

#include "daemon/log_limit.hpp"
#include "daemon/run/peer_watch.hpp"
#include "daemon/security/access.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace zmq {
class socket_t;
}

namespace sqd {

/// Reads the subscriptions of the results' socket (XPUB, verbose). libzmq keeps each of them in memory, at some 35 bytes per byte, for as
/// long as its connection lasts: whoever asks for more than `most_bytes` is cut off, and so is whoever is no longer listed. One thread
/// calls it.
class SubscriberLimit {
public:
    /// Of the topics of one connection, and what each costs beside its own length.
    static constexpr std::size_t most_bytes = 64 << 10, overhead = 64;

    /// `peers` watches the same socket; all three outlive it.
    SubscriberLimit(zmq::socket_t& results, PeerWatch const& peers, Access const& access) : results_(results), peers_(peers), access_(access) {}

    /// Takes in what was asked for; never waits. `now_s` is monotonic time.
    void read(double now_s);
    /// Cuts off those who are no longer listed.
    void check(double now_s);
    /// Connections that were cut off.
    std::uint64_t cut() const { return cut_; }

private:
    struct Subscriber {
        std::size_t bytes = 0;
        std::optional<PublicKey> key; ///< where the service asks for one
        bool cut = false;
    };
    void cut_off(int connection, Subscriber& subscriber, char const* why, double now_s);

    zmq::socket_t& results_;
    PeerWatch const& peers_;
    Access const& access_;
    std::map<int, Subscriber> subscribers_; ///< by their file descriptors
    std::uint64_t cut_ = 0;
    LogLimit lines_;
};

} // namespace sqd
