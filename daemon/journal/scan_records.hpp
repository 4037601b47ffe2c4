// What the records of the journal say: scans that began and ended, finals, finals that the archive has.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/publish/result_message.hpp"
#include "pipeline/stream/scan_orders.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sqd {

/// Two results of one key are one.
struct ResultKey {
    std::string uid; ///< of the scan
    std::uint64_t result = 0;
    auto operator<=>(ResultKey const&) const = default;
};

/// What a final or aborted result is, without its curves.
struct FinalMeta {
    ResultKey key;
    std::string id, role, state;
    std::string file; ///< its name in the archive's directory
};

using FileBytes = std::shared_ptr<std::vector<std::byte> const>;
using Messages = std::shared_ptr<std::vector<WireMessage> const>;

/// A final as it is kept.
struct FinalRecord {
    FinalMeta meta;
    Messages messages; ///< as they went out, or will
    FileBytes image;   ///< of the archive's file
};

/// Memory that it takes, nearly [bytes].
std::uint64_t size_of(FinalRecord const& final);
std::uint64_t size_of(std::vector<WireMessage> const& messages);

/// Each is on disk when it returns. Throw IoError.
/// `announcement`: id of what the scan took from the board, empty = nothing.
RecordPlace append_start(Journal& journal, std::string const& uid, std::span<std::byte const> state, std::string const& announcement = "");
RecordPlace append_final(Journal& journal, FinalRecord const& final);
RecordPlace append_archived(Journal& journal, ResultKey const& key);
RecordPlace append_closed(Journal& journal, std::string const& uid);
RecordPlace append_ended(Journal& journal, ScanEnd const& end);

/// Of a record of type `final`. Throw IoError where it is damaged or gone.
FileBytes read_image(Journal const& journal, RecordPlace const& place);
Messages read_messages(Journal const& journal, RecordPlace const& place);

/// A scan that the program did not live to finish.
struct InterruptedScan {
    std::string uid;
    std::vector<std::byte> state; ///< what its start record says
    std::optional<ScanEnd> ended; ///< control had ended it
};

/// What the journal held at the start, put together.
struct JournalContents {
    static constexpr std::size_t most_ended = 64;
    struct Final {
        FinalMeta meta;
        RecordPlace place;
        bool archived = false;
    };
    std::vector<Final> finals;                                         ///< in order of writing, the newest last
    std::vector<InterruptedScan> interrupted;                          ///< in order of what was last written of each
    std::vector<std::pair<std::string, std::uint32_t>> interrupted_in; ///< uid, segment of its start
    std::vector<ScanEnd> ended;                                        ///< by control, in order; most_ended of them
    std::set<std::string> announcements;                               ///< ids of those that scans took
    std::uint64_t records = 0;
    std::uint64_t damaged = 0;       ///< records that say nothing any more
    std::uint64_t damaged_bytes = 0; ///< between records
};
JournalContents read_contents(Journal const& journal);

} // namespace sqd
