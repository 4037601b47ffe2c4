// A small segment of the journal. Its sequences are below those that the target gives, so that records within records are of old there.
#include "daemon/journal/record.hpp"
#include "tests/fuzz/corpus.hpp"

namespace sqd::fuzz {

std::vector<Seed> journal_seeds() {
    Part segment;
    for (std::uint64_t sequence = 0; sequence < 2; ++sequence) {
        Part const part(40, static_cast<std::byte>(sequence));
        auto const head = record_head(RecordType::final, sequence, {part, part});
        segment.insert(segment.end(), head.begin(), head.end());
        for (int i = 0; i < 2; ++i) segment.insert(segment.end(), part.begin(), part.end());
    }
    return {{"journal", segment}};
}

} // namespace sqd::fuzz
