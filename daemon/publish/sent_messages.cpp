#include "daemon/publish/sent_messages.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

std::size_t SentMessage::bytes() const {
    std::size_t sum = 0;
    for (std::string const& part : parts) sum += part.size();
    return sum;
}

SentPtr sent_message(WireMessage const& message) {
    auto out = std::make_shared<SentMessage>();
    out->topic = message.topic;
    out->seq = message.header.at("seq").get<std::uint64_t>();
    out->parts = {message.topic, to_text(message.header)};
    out->parts.insert(out->parts.end(), message.arrays.begin(), message.arrays.end());
    return out;
}

void SentMessages::add(SentPtr message) {
    latest_[message->topic] = std::move(message);
}

void SentMessages::add_notice(SentPtr message) {
    notices_.push_back(message);
    if (notices_.size() > most_notices_) notices_.pop_front();
    add(std::move(message));
}

std::map<std::uint64_t, SentPtr> SentMessages::after(std::string const& topic, std::uint64_t seq) const {
    std::map<std::uint64_t, SentPtr> out; // the latest may be a notice, too
    auto const take = [&](SentPtr const& message) {
        if (message->topic == topic && message->seq > seq) out.emplace(message->seq, message);
    };
    std::ranges::for_each(notices_, take);
    if (auto const last = latest_.find(topic); last != latest_.end()) take(last->second);
    return out;
}

} // namespace sqd
