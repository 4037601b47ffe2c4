// How many may be connected at once.
#pragma once

#include "daemon/log_limit.hpp"
#include "daemon/run/peer_watch.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace sqd {

/// Connections to one bound socket, each of which takes a file descriptor and some 12 kB: of more than `most` the newest are cut off, so
/// that who is there already stays, and that files can always be opened. Counted (`connections_cut`), and an alarm until there are fewer.
/// One thread calls it.
class ConnectionLimit {
public:
    /// Of results, of control; of the tap, and of a source that others connect to.
    static constexpr std::size_t of_clients = 256, of_streams = 64;

    /// `door`: the key of the socket, "control.bind" for example. `peers` watches the socket. All that it refers to outlives it.
    ConnectionLimit(std::string door, std::string alarm, std::size_t most, PeerWatch const& peers, AlarmBoard& alarms, Counters& counters,
                    Clock const& clock);
    /// After `peers` was read.
    void judge();

private:
    std::string door_, alarm_;
    std::size_t most_;
    PeerWatch const& peers_;
    AlarmBoard& alarms_;
    Counters& counters_;
    Clock const& clock_;
    std::set<std::uint64_t> cut_; ///< numbers of connections that are still there
    bool raised_ = false;
    LogLimit lines_;
};

} // namespace sqd
