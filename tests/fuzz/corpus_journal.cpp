// A small segment of the journal, and bytes to make records of.
#include "daemon/journal/record.hpp"
#include "tests/fuzz/corpus.hpp"

namespace sqd::fuzz {

std::vector<Seed> journal_seeds() {
    Part segment;
    for (std::uint64_t sequence = 1; sequence < 3; ++sequence) {
        Part const part(40, static_cast<std::byte>(sequence));
        auto const head = record_head(RecordType::final, sequence, {part, part});
        segment.insert(segment.end(), head.begin(), head.end());
        for (int i = 0; i < 2; ++i) segment.insert(segment.end(), part.begin(), part.end());
    }
    Part text(600);
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::byte>(i * 31 % 97);
    return {{"journal", segment}, {"journal", text}};
}

} // namespace sqd::fuzz
