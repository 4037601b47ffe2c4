#include "daemon/publish/sent_messages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sqd {
namespace {

std::size_t bytes_of(SentFinal const& final) {
    std::size_t bytes = 0;
    for (SentPtr const& message : final.messages) bytes += message->bytes();
    return bytes;
}

} // namespace

std::size_t SentMessage::bytes() const {
    std::size_t sum = 0;
    for (std::string const& part : parts) sum += part.size();
    return sum;
}

SentPtr sent_message(WireMessage message) {
    auto out = std::make_shared<SentMessage>();
    out->topic = message.topic;
    out->seq = message.header.at("seq").get<std::uint64_t>();
    out->parts.push_back(std::move(message.topic));
    out->parts.push_back(to_text(message.header));
    std::ranges::move(message.arrays, std::back_inserter(out->parts));
    return out;
}

void SentMessages::add(SentPtr message) {
    latest_[message->topic] = std::move(message);
}

void SentMessages::add_notice(SentPtr message) {
    notices_.push_back(message);
    if (notices_.size() > limits_.notices) notices_.pop_front();
    add(std::move(message));
}

void SentMessages::add_final(SentFinal final) {
    for (SentPtr const& message : final.messages) add(message);
    final_bytes_ += bytes_of(final);
    finals_.push_back(std::move(final));
    while (finals_.size() > 1 && (finals_.size() > limits_.finals || final_bytes_ > limits_.final_bytes)) {
        final_bytes_ -= bytes_of(finals_.front());
        finals_.pop_front();
    }
}

SentFinal const* SentMessages::find(std::string const& scan) const {
    auto found = std::find_if(finals_.rbegin(), finals_.rend(), [&](SentFinal const& each) { return each.scan.uid == scan; });
    if (found == finals_.rend())
        found = std::find_if(finals_.rbegin(), finals_.rend(), [&](SentFinal const& each) { return each.scan.id == scan; });
    return found == finals_.rend() ? nullptr : &*found;
}

std::vector<SentPtr> SentMessages::after(std::string const& topic, std::uint64_t seq) const {
    std::map<std::uint64_t, SentPtr> found; // the latest may be a final, too
    auto const take = [&](SentPtr const& message) {
        if (message->topic == topic && message->seq > seq) found.emplace(message->seq, message);
    };
    for (SentFinal const& final : finals_) std::ranges::for_each(final.messages, take);
    std::ranges::for_each(notices_, take);
    if (auto const last = latest_.find(topic); last != latest_.end()) take(last->second);
    std::vector<SentPtr> out;
    for (auto& [number, message] : found) out.push_back(std::move(message));
    return out;
}

std::map<std::string, std::uint64_t> SentMessages::final_seq() const {
    std::map<std::string, std::uint64_t> out;
    for (SentFinal const& final : finals_)
        for (SentPtr const& message : final.messages) out[message->topic] = message->seq;
    return out;
}

} // namespace sqd
