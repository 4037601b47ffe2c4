// Records of the journal as bytes: no file, no clock. README.md beside it says what each byte means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace sqd {

/// What a record says; a number that is none of these is a later version's and is passed over.
enum class RecordType : std::uint16_t {
    start = 1,    ///< a scan began
    final = 2,    ///< its result, as published and as the archive's file
    archived = 3, ///< that result is in the archive
    closed = 4,   ///< a scan ended and left nothing to keep
    ended = 5,    ///< control ended a scan: its result is still to come
};

using RecordParts = std::vector<std::span<std::byte const>>;

/// One part of a payload: where it lies in its segment.
struct PartPlace {
    std::uint64_t offset, length;
    std::uint32_t crc;
};

/// A record whose header and table of parts are whole; a part says for itself, when it is read, whether it is.
struct Record {
    RecordType type;
    std::uint64_t sequence; ///< counts through all segments
    std::uint64_t offset, end;
    std::vector<PartPlace> parts;
};

/// Reads bytes from an offset on, and says how many there were.
using ByteSource = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> into)>;

inline constexpr std::size_t most_parts = 1024;
inline constexpr std::uint64_t longest_record = std::uint64_t{1} << 32; ///< [bytes]

/// Header and table of parts; the parts follow as they are. Throws IoError for more parts or bytes than a record may have.
std::vector<std::byte> record_head(RecordType type, std::uint64_t sequence, RecordParts const& parts);

/// The record that begins at `offset`; nullopt where none does, or where it does not end before `size`.
std::optional<Record> read_record(ByteSource const& source, std::uint64_t offset, std::uint64_t size);

/// A part's bytes; nullopt where its checksum says that they are not what was written.
std::optional<std::vector<std::byte>> read_part(ByteSource const& source, PartPlace const& part);

/// What is in a segment of `size` bytes.
struct SegmentScan {
    std::vector<Record> records;     ///< in order, their sequences rising
    std::uint64_t damaged_bytes = 0; ///< between and behind them: torn, or written over
    std::uint64_t good_end = 0;      ///< where the last whole record ends
};

/// Damage hides nothing but itself: the next record that is whole and has a later sequence goes on. But for that search parts are not
/// read. What is written must hold no records of later sequences: within one that is damaged they would be taken for real.
SegmentScan scan_segment(ByteSource const& source, std::uint64_t size);

} // namespace sqd
