// The journal: records in numbered segments of a directory, each on disk when append() returns.
#pragma once

#include "daemon/journal/record.hpp"
#include "daemon/posix_file.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

namespace sqd {

/// Where a record is.
struct RecordPlace {
    std::uint32_t segment = 0;
    Record record = {};
};

/// One segment as the start found it.
struct FoundSegment {
    std::uint32_t number = 0;
    std::uint64_t bytes = 0;
    std::int64_t written_ns = 0; ///< UTC, of its last change
    SegmentScan scan = {};
};

/// One writer per directory. Files are `<8 digits>.sqdj`; every start begins a new one, and so does an append that failed. A segment is
/// never written again once another one is begun. From any thread.
class Journal {
public:
    static constexpr std::uint64_t usual_segment = std::uint64_t{256} << 20;

    /// Makes the directory where it is not there, locks it, reads what is in it, and cuts what a crash left half written at the end of the
    /// last segment. Throws IoError when the directory cannot be used, or another program uses it.
    explicit Journal(std::filesystem::path directory, std::uint64_t segment_bytes = usual_segment);

    /// What was there at the start, oldest first. What is damaged is counted in it, and no reason to fail.
    std::vector<FoundSegment> const& found() const { return found_; }

    /// The record is on disk when it returns, also where somebody moved or removed the directory: then it is made again. Throws IoError;
    /// the record is not there then, and the next append tries anew.
    RecordPlace append(RecordType type, RecordParts const& parts);

    /// A part of a record. Throws IoError where it is damaged or gone.
    std::vector<std::byte> read(RecordPlace const& place, std::size_t part) const;

    /// Throws IoError. The segment that is being written must not be removed.
    void remove_segment(std::uint32_t number);

    /// The newest there is or was: what is before it is never written again.
    std::uint32_t current_segment() const;

private:
    std::filesystem::path segment_path(std::uint32_t number) const;
    void open_directory();
    void open_segment();
    void stay_in_place();
    void write(std::vector<std::byte> const& head, RecordParts const& parts);

    std::filesystem::path directory_;
    std::uint64_t segment_bytes_;
    std::vector<FoundSegment> found_;
    mutable std::mutex mutex_;
    std::optional<FileDescriptor> lock_;    ///< the directory
    std::optional<FileDescriptor> segment_; ///< being written
    std::uint32_t number_ = 0;
    std::uint64_t size_ = 0, sequence_ = 0; ///< of that segment; of the last record
};

} // namespace sqd
