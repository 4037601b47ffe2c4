// What the records of the journal say: scans that began and ended, finals, finals that the archive has.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/publish/result_message.hpp"

#include <compare>
#include <cstdint>
#include <memory>
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
RecordPlace append_start(Journal& journal, std::string const& uid, std::span<std::byte const> state);
RecordPlace append_final(Journal& journal, FinalRecord const& final);
RecordPlace append_archived(Journal& journal, ResultKey const& key);
RecordPlace append_closed(Journal& journal, std::string const& uid);

/// Of a record of type `final`. Throw IoError where it is damaged or gone.
FileBytes read_image(Journal const& journal, RecordPlace const& place);
Messages read_messages(Journal const& journal, RecordPlace const& place);

/// A scan that the program did not live to finish.
struct InterruptedScan {
    std::string uid;
    std::vector<std::byte> state; ///< what its start record says
};

/// What the journal held at the start, put together.
struct JournalContents {
    struct Final {
        FinalMeta meta;
        RecordPlace place;
        bool archived = false;
    };
    std::vector<Final> finals;                                         ///< in order of writing, the newest last
    std::vector<InterruptedScan> interrupted;                          ///< in order of what was last written of each
    std::vector<std::pair<std::string, std::uint32_t>> interrupted_in; ///< uid, segment of its start
    std::uint64_t records = 0;
    std::uint64_t damaged = 0;       ///< records that say nothing any more
    std::uint64_t damaged_bytes = 0; ///< between records
};
JournalContents read_contents(Journal const& journal);

} // namespace sqd
