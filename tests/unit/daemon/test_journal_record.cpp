// Records of the journal: what was written comes back, and damage hides nothing but itself.
#include "daemon/journal/crc32c.hpp"
#include "daemon/journal/record.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/journal_bench.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace sqd;
using sqd::test::bytes_of_text;

namespace {

using Bytes = std::vector<std::byte>;

struct Written {
    RecordType type;
    std::vector<Bytes> parts;
    bool operator==(Written const&) const = default;
};

ByteSource source_of(Bytes const& segment) {
    return [&segment](std::uint64_t offset, std::span<std::byte> into) {
        std::size_t const n = offset < segment.size() ? std::min(into.size(), segment.size() - offset) : 0;
        std::copy_n(segment.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, segment.size())), n, into.begin());
        return n;
    };
}

void append(Bytes& segment, std::uint64_t sequence, Written const& record) {
    RecordParts const parts(record.parts.begin(), record.parts.end());
    auto const head = record_head(record.type, sequence, parts);
    segment.insert(segment.end(), head.begin(), head.end());
    for (auto const& part : record.parts) segment.insert(segment.end(), part.begin(), part.end());
}

/// Four small records under sequences 5 to 8; one holds the bytes of a whole record of an earlier sequence.
std::map<std::uint64_t, Written> some_records() {
    Bytes inner;
    append(inner, 2, {RecordType::closed, {bytes_of_text("of old")}});
    return {{5, {RecordType::start, {bytes_of_text("{\"uid\":\"a\"}"), bytes_of_text("state")}}},
            {6, {RecordType::final, {bytes_of_text("meta"), inner, {}, bytes_of_text("SQDJ")}}},
            {7, {RecordType::archived, {bytes_of_text("key")}}},
            {8, {RecordType::closed, {}}}};
}

Bytes segment_of(std::map<std::uint64_t, Written> const& records) {
    Bytes segment;
    for (auto const& [sequence, record] : records) append(segment, sequence, record);
    return segment;
}

/// What can be read of a segment: records all of whose parts are whole.
std::map<std::uint64_t, Written> read_all(Bytes const& segment) {
    std::map<std::uint64_t, Written> out;
    auto const source = source_of(segment);
    for (auto const& record : scan_segment(source, segment.size()).records) {
        Written written{record.type, {}};
        bool whole = true;
        for (auto const& place : record.parts) {
            auto part = read_part(source, place);
            whole = whole && part;
            if (part) written.parts.push_back(std::move(*part));
        }
        if (whole) out[record.sequence] = written;
    }
    return out;
}

} // namespace

TEST_CASE("the checksum is CRC32C, in one go or in pieces") {
    auto const digits = bytes_of_text("123456789"); // the check value of RFC 3720's polynomial in every catalogue
    CHECK(crc32c(digits) == 0xe3069283);
    CHECK(crc32c({}) == 0);
    CHECK(crc32c(std::vector<std::byte>(32)) == 0x8a9136aa); // RFC 3720 B.4: 32 bytes of zeroes
    for (std::size_t cut = 0; cut <= digits.size(); ++cut)
        CHECK(crc32c(std::span(digits).subspan(cut), crc32c(std::span(digits).first(cut))) == 0xe3069283);
}

TEST_CASE("records come back as they were written") {
    auto const records = some_records();
    auto const segment = segment_of(records);
    CHECK(read_all(segment) == records);
    auto const scan = scan_segment(source_of(segment), segment.size());
    CHECK(scan.damaged_bytes == 0);
    CHECK(scan.good_end == segment.size());
}

TEST_CASE("a segment that ends anywhere gives all records before that") {
    auto const records = some_records();
    auto const segment = segment_of(records);
    auto const whole = scan_segment(source_of(segment), segment.size());
    for (std::size_t size = 0; size < segment.size(); ++size) {
        Bytes const torn(segment.begin(), segment.begin() + static_cast<std::ptrdiff_t>(size));
        auto expected = records;
        std::uint64_t end = 0;
        for (auto const& record : whole.records) {
            if (record.end > size)
                expected.erase(record.sequence);
            else
                end = record.end;
        }
        // A record within a part of one that is torn is whole, but of old.
        auto found = read_all(torn);
        if (found.count(2) != 0) CHECK(expected.empty());
        found.erase(2);
        CHECK(found == expected);
        auto const scan = scan_segment(source_of(torn), torn.size());
        CHECK(scan.good_end + scan.damaged_bytes >= size);
        CHECK(scan.good_end >= end);
    }
}

TEST_CASE("a changed byte costs its own record at most, and nothing wrong is read") {
    auto const records = some_records();
    auto const segment = segment_of(records);
    auto const whole = scan_segment(source_of(segment), segment.size());
    for (std::size_t at = 0; at < segment.size(); ++at) {
        for (unsigned const mask : {0x01U, 0x80U, 0xffU}) {
            Bytes damaged = segment;
            damaged[at] ^= static_cast<std::byte>(mask);
            auto expected = records;
            for (auto const& record : whole.records) {
                if (record.offset <= at && at < record.end) expected.erase(record.sequence);
            }
            auto found = read_all(damaged);
            if (at < whole.records[1].offset) found.erase(2); // nothing says yet that it is of old
            CHECK(found == expected);
        }
    }
}

TEST_CASE("within a damaged part, what looks like a header does not swallow the records behind it") {
    Bytes inner;
    append(inner, 20, {RecordType::closed, {Bytes(1000, std::byte{7})}});
    inner.resize(60); // it says that it goes on for a thousand bytes
    Bytes segment;
    append(segment, 21, {RecordType::start, {inner}});
    for (std::uint64_t sequence = 22; sequence < 50; ++sequence) append(segment, sequence, {RecordType::closed, {bytes_of_text("x")}});
    segment[20] ^= std::byte{1};
    CHECK(read_all(segment).size() == 28);
    CHECK(read_all(segment).begin()->first == 22);
}

TEST_CASE("the search behind damage crosses the borders of what is read at once") {
    for (std::size_t const gap : {65500U, 65533U, 65534U, 65535U, 65536U, 65537U, 131071U}) {
        Bytes segment(gap, std::byte{'S'});
        append(segment, 1, {RecordType::closed, {bytes_of_text("x")}});
        auto const scan = scan_segment(source_of(segment), segment.size());
        REQUIRE(scan.records.size() == 1);
        CHECK(scan.records[0].offset == gap);
        CHECK(scan.damaged_bytes == gap);
    }
}

TEST_CASE("a record of more parts than are read is not written") {
    std::vector<std::span<std::byte const>> const parts(most_parts + 1);
    CHECK_THROWS_AS(record_head(RecordType::closed, 1, parts), IoError);
    CHECK_NOTHROW(record_head(RecordType::closed, 1, std::vector<std::span<std::byte const>>(most_parts)));
}
