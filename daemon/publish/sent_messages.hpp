// What was published, kept for those who join late or lost something. Bounded in number and in bytes.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "pipeline/core/results.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// A message as it went out.
struct SentMessage {
    std::string topic;
    std::uint64_t seq = 0;
    std::vector<std::string> parts; ///< topic, header, arrays
    std::size_t bytes() const;
};
using SentPtr = std::shared_ptr<SentMessage const>;

SentPtr sent_message(WireMessage message);

/// A final (or aborted) result with all its messages.
struct SentFinal {
    ScanIdentity scan;
    std::uint64_t result = 0;
    ResultState state = ResultState::final;
    bool durable = false;
    std::int64_t published_ns = 0;
    std::vector<std::string> flags;
    std::vector<SentPtr> messages;
};

struct SentLimits {
    std::size_t finals = 64, final_bytes = 128 << 20; ///< the oldest goes first; the newest stays, whatever its size
    std::size_t notices = 256;                        ///< starts and ends of series
};

/// One thread calls it.
class SentMessages {
public:
    explicit SentMessages(SentLimits limits = {}) : limits_(limits) {}

    /// The newest of its topic.
    void add(SentPtr message);
    void add_notice(SentPtr message);
    /// Its messages are added, too.
    void add_final(SentFinal final);

    std::map<std::string, SentPtr> const& latest() const { return latest_; }
    /// The oldest first.
    std::deque<SentFinal> const& finals() const { return finals_; }
    /// By the scan's uid, else the newest of that id; null where there is none.
    SentFinal const* find(std::string const& scan) const;
    /// What is kept of a topic and newer than `seq`, in order.
    std::vector<SentPtr> after(std::string const& topic, std::uint64_t seq) const;
    /// Number of the newest final's message, by topic.
    std::map<std::string, std::uint64_t> final_seq() const;

private:
    SentLimits limits_;
    std::map<std::string, SentPtr> latest_;
    std::deque<SentFinal> finals_;
    std::size_t final_bytes_ = 0;
    std::deque<SentPtr> notices_;
};

} // namespace sqd
