// What subscribers may ask for.
#pragma once

#include "daemon/log_limit.hpp"
#include "daemon/run/peer_watch.hpp"
#include "daemon/security/asker.hpp"
#include "pipeline/stream/counters.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace zmq {
class socket_t;
}

namespace sqd {

/// Reads the subscriptions of a socket (XPUB, verbose; `make_verbose()`). libzmq keeps each of them in memory, at some 35 bytes per byte,
/// for as long as its connection lasts: whoever asks for more than `most_bytes` is cut off, and so is whoever is no longer listed. One
/// thread calls it.
class SubscriberLimit {
public:
    /// Of the topics of one connection, and what each costs beside its own length.
    static constexpr std::size_t most_bytes = 64 << 10, overhead = 64;

    /// Before the socket binds.
    static void make_verbose(zmq::socket_t& publisher);

    /// Who somebody is that libzmq let in as that (Access::asker).
    using Who = std::function<Asker(std::string const& user)>;
    /// `peers` watches the same socket. Both, and the counters, outlive it.
    SubscriberLimit(zmq::socket_t& publisher, PeerWatch const& peers, Who who, Counters& counters)
        : publisher_(publisher), peers_(peers), who_(std::move(who)), counters_(counters) {}

    /// Takes in what was asked for; never waits.
    void take();
    /// Cuts off who has asked for too much; after `peers` has been read, and that after take(). `now_s` is monotonic time.
    void judge(double now_s);
    /// Connections that have asked for something and were there when they were judged.
    std::size_t subscribers() const { return subscribers_.size(); }
    /// Cuts off who is no longer listed.
    void judge_listed(double now_s);

private:
    struct Subscriber {
        std::size_t bytes = 0;
        std::string user;         ///< as Access knows it
        std::uint64_t number = 0; ///< of its connection; 0 until it is judged
        bool cut = false;
    };
    void cut_off(int descriptor, Subscriber& subscriber, char const* why, double now_s);

    zmq::socket_t& publisher_;
    PeerWatch const& peers_;
    Who who_;
    Counters& counters_;
    std::map<int, Subscriber> subscribers_; ///< by their file descriptors
    LogLimit lines_;
};

} // namespace sqd
