#include "daemon/security/connection_limit.hpp"

#include <sys/socket.h>

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace sqd {

ConnectionLimit::ConnectionLimit(std::string door, std::string alarm, std::size_t most, PeerWatch const& peers, AlarmBoard& alarms,
                                 Counters& counters, Clock const& clock)
    : door_(std::move(door)), alarm_(std::move(alarm)), most_(most), peers_(peers), alarms_(alarms), counters_(counters), clock_(clock) {}

/// libzmq cannot be told to close one connection; the end of its stream is what it understands, and until then it counts as there. It
/// tells of an end before it closes the descriptor, so that none is hit that is something else by now.
void ConnectionLimit::judge() {
    if (peers_.peers() <= most_ && cut_.empty()) {
        if (raised_ && peers_.peers() < most_) {
            raised_ = false;
            alarms_.clear(alarm_);
        }
        return;
    }
    auto const newest = peers_.beyond(most_);
    std::set<std::uint64_t> cut;
    std::size_t fresh = 0;
    for (auto const& [number, descriptor] : newest) {
        cut.insert(number);
        if (cut_.contains(number)) continue;
        ::shutdown(descriptor, SHUT_RDWR);
        ++fresh;
    }
    cut_ = std::move(cut);
    if (fresh == 0) return;
    counters_.connections_cut += fresh;
    auto const text = fmt::format("{} has {} connections, the newest beyond {} are cut off (somebody connects again and again) "
                                  "see who: ss -tn",
                                  door_, peers_.peers(), most_);
    raised_ = true;
    alarms_.raise(alarm_, text, clock_.utc_ns());
    if (auto const left_out = lines_.due(clock_.steady_s())) spdlog::warn("{}{}", text, left_out_words(*left_out));
}

} // namespace sqd
