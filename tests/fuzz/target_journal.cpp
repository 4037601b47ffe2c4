// A segment of the journal: bytes as they are, and one of real records with a damaged place.
#include "daemon/journal/record.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <vector>

namespace sqd::fuzz {

namespace {

using Segment = std::vector<std::byte>;

ByteSource source_of(Bytes segment) {
    return [segment](std::uint64_t offset, std::span<std::byte> into) {
        Bytes const rest = offset < segment.size() ? segment.subspan(offset) : Bytes{};
        std::size_t const n = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), n, into.begin());
        return n;
    };
}

std::vector<Segment> parts_of(Bytes segment, Record const& record) {
    std::vector<Segment> out;
    for (auto const& place : record.parts) {
        auto part = read_part(source_of(segment), place);
        if (part) out.push_back(std::move(*part));
    }
    return out;
}

/// What a scan promises of any bytes.
SegmentScan scan(Bytes segment) {
    auto out = scan_segment(source_of(segment), segment.size());
    std::uint64_t end = 0, inside = 0, sequence = 0;
    for (auto const& record : out.records) {
        require(record.offset >= end && record.end <= segment.size(), "records lie one behind the other within their segment");
        require(end == 0 || record.sequence > sequence, "sequences rise");
        for (auto const& part : record.parts)
            require(part.offset >= record.offset && part.length <= record.end - part.offset, "a part lies in its record");
        end = record.end;
        sequence = record.sequence;
        inside += record.end - record.offset;
    }
    require(out.good_end == end && inside + out.damaged_bytes == segment.size(), "every byte is of a record or damaged");
    return out;
}

/// Records of up to three parts, whose lengths and bytes the input says.
Segment some_records(Bytes input, std::vector<std::vector<Segment>>& written) {
    Segment segment;
    for (std::uint64_t sequence = 1; !input.empty() && sequence < 20; ++sequence) {
        std::vector<Segment> parts;
        for (unsigned left = std::to_integer<unsigned>(input[0]) % 4; left > 0 && !input.empty(); --left) {
            std::size_t const length = std::min<std::size_t>(std::to_integer<std::size_t>(input.back()), input.size());
            parts.emplace_back(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(length));
            input = input.subspan(length);
        }
        if (!input.empty()) input = input.subspan(1);
        auto const head = record_head(RecordType::final, sequence, RecordParts(parts.begin(), parts.end()));
        segment.insert(segment.end(), head.begin(), head.end());
        for (auto const& part : parts) segment.insert(segment.end(), part.begin(), part.end());
        written.push_back(std::move(parts));
    }
    return segment;
}

} // namespace

void run_journal(Bytes input) {
    scan(input);
    std::string_view const magic = "SQDJ";
    std::string const text = text_of(input);
    if (input.size() < 4 || text.find(magic) != std::string::npos) return; // records within records are no promise
    std::vector<std::vector<Segment>> written;
    Segment segment = some_records(input.subspan(3), written);
    auto const whole = scan(segment);
    require(whole.records.size() == written.size() && whole.damaged_bytes == 0, "what is written is found");
    std::size_t const at = (std::to_integer<std::size_t>(input[0]) << 8 | std::to_integer<std::size_t>(input[1])) % (segment.size() + 1);
    if (at == segment.size()) return;
    segment[at] ^= input[2];
    auto const damaged = scan(segment);
    for (std::size_t i = 0; i < written.size(); ++i) {
        auto const& record = whole.records[i];
        if (record.offset <= at && at < record.end) continue;
        auto const same = std::find_if(damaged.records.begin(), damaged.records.end(),
                                       [&](Record const& other) { return other.offset == record.offset; });
        require(same != damaged.records.end() && parts_of(segment, *same) == written[i], "damage hides nothing but its own record");
    }
}

} // namespace sqd::fuzz
