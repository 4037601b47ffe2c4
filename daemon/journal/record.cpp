#include "daemon/journal/record.hpp"

#include "daemon/journal/crc32c.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace sqd {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::array<char, 4> magic{'S', 'Q', 'D', 'J'};
constexpr std::uint16_t record_version = 1;
constexpr std::size_t header_bytes = 32, entry_bytes = 16, crc_at = 28;

template <class Number>
void put(std::span<std::byte> bytes, std::size_t at, Number value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class Number>
Number get(std::span<std::byte const> bytes, std::size_t at) {
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// Of all of the head but the checksum itself.
std::uint32_t head_crc(std::span<std::byte const> head) {
    return crc32c(head.subspan(header_bytes), crc32c(head.first(crc_at)));
}

bool parts_are_whole(ByteSource const& source, Record const& record) {
    return std::all_of(record.parts.begin(), record.parts.end(),
                       [&](PartPlace const& part) { return read_part(source, part).has_value(); });
}

/// The first whole record after `from` with a sequence beyond `last`; nullopt where there is none. Every byte is looked at once. Parts are
/// read, too: where bytes of a damaged part look like a header, what is behind them is no record.
std::optional<Record> next_record(ByteSource const& source, std::uint64_t from, std::uint64_t size, std::optional<std::uint64_t> last) {
    std::vector<std::byte> window(std::size_t{1} << 16);
    while (from + header_bytes <= size) {
        std::size_t const got = source(from, std::span(window).first(std::min<std::uint64_t>(window.size(), size - from)));
        if (got < magic.size()) return std::nullopt;
        auto const* const begin = reinterpret_cast<char const*>(window.data());
        for (auto const* at = begin; (at = std::search(at, begin + got, magic.begin(), magic.end())) != begin + got; ++at) {
            auto record = read_record(source, from + static_cast<std::uint64_t>(at - begin), size);
            if (record && (!last || record->sequence > *last) && parts_are_whole(source, *record)) return record;
        }
        from += got - (magic.size() - 1); // one may lie across the border
    }
    return std::nullopt;
}

} // namespace

std::vector<std::byte> record_head(RecordType type, std::uint64_t sequence, RecordParts const& parts) {
    std::vector<std::byte> head(header_bytes + entry_bytes * parts.size());
    std::uint64_t length = entry_bytes * parts.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        put(head, header_bytes + entry_bytes * i, std::uint64_t{parts[i].size()});
        put(head, header_bytes + entry_bytes * i + 8, crc32c(parts[i]));
        length += parts[i].size();
    }
    if (parts.size() > most_parts || length > longest_record)
        throw IoError("a record of " + std::to_string(parts.size()) + " parts and " + std::to_string(length) +
                          " bytes (the journal takes at most " + std::to_string(most_parts) + " and " + std::to_string(longest_record) +
                          ")",
                      true);
    std::memcpy(head.data(), magic.data(), magic.size());
    put(head, 4, record_version);
    put(head, 6, static_cast<std::uint16_t>(type));
    put(head, 8, sequence);
    put(head, 16, length);
    put(head, 24, static_cast<std::uint32_t>(parts.size()));
    put(head, crc_at, head_crc(head));
    return head;
}

std::optional<Record> read_record(ByteSource const& source, std::uint64_t offset, std::uint64_t size) {
    std::vector<std::byte> head(header_bytes);
    if (offset + header_bytes > size || source(offset, head) != header_bytes) return std::nullopt;
    if (std::memcmp(head.data(), magic.data(), magic.size()) != 0 || get<std::uint16_t>(head, 4) != record_version) return std::nullopt;
    auto const length = get<std::uint64_t>(head, 16);
    auto const count = get<std::uint32_t>(head, 24);
    std::uint64_t const room = size - offset - header_bytes;
    if (count > most_parts || length > longest_record || length > room || count * entry_bytes > length) return std::nullopt;
    head.resize(header_bytes + count * entry_bytes);
    auto const table = std::span(head).subspan(header_bytes);
    if (source(offset + header_bytes, table) != table.size() || head_crc(head) != get<std::uint32_t>(head, crc_at)) return std::nullopt;

    Record record{
        static_cast<RecordType>(get<std::uint16_t>(head, 6)), get<std::uint64_t>(head, 8), offset, offset + header_bytes + length, {}};
    std::uint64_t at = offset + head.size();
    for (std::size_t i = 0; i < count; ++i) {
        PartPlace const part{at, get<std::uint64_t>(table, entry_bytes * i), get<std::uint32_t>(table, entry_bytes * i + 8)};
        if (part.length > record.end - at) return std::nullopt;
        at += part.length;
        record.parts.push_back(part);
    }
    if (at != record.end) return std::nullopt;
    return record;
}

std::optional<std::vector<std::byte>> read_part(ByteSource const& source, PartPlace const& part) {
    std::vector<std::byte> bytes(part.length);
    if (source(part.offset, bytes) != bytes.size() || crc32c(bytes) != part.crc) return std::nullopt;
    return bytes;
}

SegmentScan scan_segment(ByteSource const& source, std::uint64_t size) {
    SegmentScan scan;
    std::optional<std::uint64_t> last;
    while (scan.good_end < size) {
        auto record = read_record(source, scan.good_end, size);
        if (!record || (last && record->sequence <= *last)) record = next_record(source, scan.good_end + 1, size, last);
        scan.damaged_bytes += (record ? record->offset : size) - scan.good_end;
        if (!record) break;
        scan.good_end = record->end;
        last = record->sequence;
        scan.records.push_back(std::move(*record));
    }
    return scan;
}

} // namespace sqd
