// What was published, kept for those who join late or lost something. Bounded in number and in bytes.
#pragma once

#include "daemon/publish/result_message.hpp"

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

SentPtr sent_message(WireMessage const& message);

/// The latest of every topic, and starts and ends of series. One thread calls it.
class SentMessages {
public:
    explicit SentMessages(std::size_t most_notices = 256) : most_notices_(most_notices) {}

    /// The newest of its topic.
    void add(SentPtr message);
    void add_notice(SentPtr message);

    std::map<std::string, SentPtr> const& latest() const { return latest_; }
    /// What is kept of a topic and newer than `seq`, by its number.
    std::map<std::uint64_t, SentPtr> after(std::string const& topic, std::uint64_t seq) const;

private:
    std::size_t most_notices_;
    std::map<std::string, SentPtr> latest_;
    std::deque<SentPtr> notices_;
};

} // namespace sqd
