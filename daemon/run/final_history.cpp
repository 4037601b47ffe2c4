#include "daemon/run/final_history.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>

namespace sqd {

void FinalHistory::remember(RememberedFinal final) {
    std::lock_guard const lock(mutex_);
    bytes_ += size_of(*final.messages);
    finals_.push_front(std::move(final));
    while (finals_.size() > 1 && (finals_.size() > most_finals || bytes_ > most_bytes)) {
        bytes_ -= size_of(*finals_.back().messages);
        finals_.pop_back();
    }
}

/// Newest first, so that what does not fit is not read.
std::size_t FinalHistory::remember_from(Journal const& journal, JournalContents const& contents) {
    std::lock_guard const lock(mutex_);
    std::size_t unreadable = 0;
    for (auto final = contents.finals.rbegin(); final != contents.finals.rend() && finals_.size() < most_finals; ++final) {
        try {
            auto messages = read_messages(journal, final->place);
            auto const bytes = size_of(*messages);
            if (bytes_ + bytes > most_bytes) break;
            bytes_ += bytes;
            finals_.push_back({final->meta, std::move(messages)});
        } catch (IoError const&) {
            ++unreadable;
        }
    }
    return unreadable;
}

std::vector<RememberedFinal> FinalHistory::list() const {
    std::lock_guard const lock(mutex_);
    return {finals_.begin(), finals_.end()};
}

std::optional<RememberedFinal> FinalHistory::find(std::string const& scan, std::optional<std::uint64_t> result) const {
    std::lock_guard const lock(mutex_);
    auto const found = std::find_if(finals_.begin(), finals_.end(), [&](RememberedFinal const& final) {
        return (final.meta.key.uid == scan || final.meta.id == scan) && (!result || final.meta.key.result == *result);
    });
    if (found == finals_.end()) return std::nullopt;
    return *found;
}

Json final_json(RememberedFinal const& final) {
    Json const nothing = Json::object();
    Json const& header = final.messages->empty() ? nothing : final.messages->front().header;
    Json seq = Json::object();
    for (WireMessage const& message : *final.messages) seq[message.topic] = message.header.value("seq", std::uint64_t{0});
    return {{"uid", final.meta.key.uid},
            {"id", final.meta.id},
            {"role", final.meta.role},
            {"result", final.meta.key.result},
            {"state", final.meta.state},
            {"durable", header.value("durable", false)},
            {"file", final.meta.file},
            {"time", header.value("time", nothing).value("published", std::string{})},
            {"flags", header.value("flags", Json::array())},
            {"epoch", header.value("epoch", std::string{})},
            {"seq", std::move(seq)},
            {"bytes", size_of(*final.messages)}};
}

} // namespace sqd
