// The finals of late, as they were published, also before the last restart.
#pragma once

#include "daemon/journal/scan_records.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A final or aborted result with the messages that went out: epoch and seq are those of then.
struct RememberedFinal {
    FinalMeta meta;
    Messages messages;
};

/// What is told of a final: uid, id, role, result, state, durable, file, time, flags, epoch, seq per topic, bytes. All of its headers say
/// it, and nearly the same.
Json final_json(RememberedFinal const& final);

/// From any thread.
class FinalHistory {
public:
    static constexpr std::size_t most_finals = 64;
    static constexpr std::uint64_t most_bytes = std::uint64_t{128} << 20;

    /// The oldest go beyond the bounds; the newest stays whatever it takes.
    void remember(RememberedFinal final);
    /// What the journal has from before, as much as the bounds allow; returns how many of these could not be read.
    std::size_t remember_from(Journal const& journal, JournalContents const& contents);

    /// Newest first.
    std::vector<RememberedFinal> list() const;
    /// The newest of a scan, by its uid or its id; of that number where one is given.
    std::optional<RememberedFinal> find(std::string const& scan, std::optional<std::uint64_t> result = {}) const;

private:
    mutable std::mutex mutex_;
    std::deque<RememberedFinal> finals_; ///< newest first
    std::uint64_t bytes_ = 0;
};

} // namespace sqd
