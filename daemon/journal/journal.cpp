#include "daemon/journal/journal.hpp"

#include "daemon/durable_file.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqd {

namespace {

namespace fs = std::filesystem;

constexpr char const* suffix = ".sqdj";
constexpr std::size_t digits = 8;

/// nullopt for a name that no segment has.
std::optional<std::uint32_t> segment_number(std::string const& name) {
    std::uint32_t number = 0;
    if (name.size() != digits + 5 || !name.ends_with(suffix)) return std::nullopt;
    auto const [end, error] = std::from_chars(name.data(), name.data() + digits, number);
    if (error != std::errc{} || end != name.data() + digits || number == 0) return std::nullopt;
    return number;
}

ByteSource source_of(FileDescriptor const& file) {
    return [&file](std::uint64_t offset, std::span<std::byte> into) { return read_at(file.get(), offset, into); };
}

struct stat status_of(FileDescriptor const& file, fs::path const& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) == 0) return status;
    int const error = errno;
    fail_output(path, "cannot be looked at", error);
}

FoundSegment read_segment(fs::path const& path, std::uint32_t number) {
    FileDescriptor const file(path, O_RDONLY);
    auto const status = status_of(file, path);
    auto const bytes = static_cast<std::uint64_t>(status.st_size);
    return {number, bytes, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
            scan_segment(source_of(file), bytes)};
}

std::vector<std::uint32_t> segments_in(fs::path const& directory) {
    std::vector<std::uint32_t> numbers;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
        if (auto const number = segment_number(entry->path().filename().string())) numbers.push_back(*number);
    }
    if (error) fail_output(directory, "cannot be listed", error.value());
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// What a crash left half written behind the last whole record.
void cut_torn_tail(fs::path const& path, FoundSegment& last) {
    if (last.scan.good_end == last.bytes) return;
    FileDescriptor const file(path, O_WRONLY);
    if (::ftruncate(file.get(), static_cast<off_t>(last.scan.good_end)) != 0 || ::fsync(file.get()) != 0) {
        int const error = errno;
        fail_output(path, "its torn end cannot be cut", error);
    }
    last.bytes = last.scan.good_end;
}

} // namespace

Journal::Journal(fs::path directory, std::uint64_t segment_bytes) : directory_(std::move(directory)), segment_bytes_(segment_bytes) {
    open_directory();
    for (std::uint32_t const number : segments_in(directory_)) {
        found_.push_back(read_segment(segment_path(number), number));
        auto const& records = found_.back().scan.records;
        if (!records.empty()) sequence_ = std::max(sequence_, records.back().sequence);
    }
    if (found_.empty()) return;
    number_ = found_.back().number;
    cut_torn_tail(segment_path(number_), found_.back());
}

fs::path Journal::segment_path(std::uint32_t number) const {
    std::string text = std::to_string(number);
    text.insert(0, digits - std::min(digits, text.size()), '0');
    return directory_ / (text + suffix);
}

void Journal::open_directory() {
    require_directory(directory_);
    FileDescriptor folder(directory_, O_RDONLY | O_DIRECTORY);
    if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
        int const error = errno;
        if (error == EWOULDBLOCK)
            throw IoError("journal.directory: " + directory_.string() +
                              " is in use (another sqd writes there) stop that one, or give each its own journal.directory",
                          true);
        fail_output(directory_, "cannot be locked", error);
    }
    sync_directory(folder_of(directory_));
    lock_ = std::move(folder);
}

/// A new file, and a directory that knows its name. A number that failed is not tried again.
void Journal::open_segment() {
    segment_.reset();
    ++number_;
    size_ = 0;
    FileDescriptor file(segment_path(number_), O_RDWR | O_CREAT | O_EXCL | O_APPEND);
    sync_directory(directory_);
    segment_ = std::move(file);
}

/// Directory and segment are made anew where their names do not lead to them any more: what is written to a file that somebody moved or
/// removed is lost.
void Journal::stay_in_place() {
    auto const is_the_same = [](fs::path const& path, std::optional<FileDescriptor> const& file) {
        struct stat named {
        }, open{};
        return file && ::stat(path.c_str(), &named) == 0 && ::fstat(file->get(), &open) == 0 && named.st_dev == open.st_dev &&
               named.st_ino == open.st_ino;
    };
    if (!is_the_same(directory_, lock_)) {
        lock_.reset();
        segment_.reset();
        open_directory();
    }
    if (!is_the_same(segment_path(number_), segment_) || size_ >= segment_bytes_) open_segment();
}

void Journal::write(std::vector<std::byte> const& head, RecordParts const& parts) {
    int error = write_all(segment_->get(), head);
    for (std::size_t i = 0; error == 0 && i < parts.size(); ++i) error = write_all(segment_->get(), parts[i]);
    if (error == 0 && ::fdatasync(segment_->get()) != 0) error = errno;
    if (error == 0) return;
    // Neither length nor content of the file are known now: it is cut if that works, and left alone from here on.
    [[maybe_unused]] auto const cut = ::ftruncate(segment_->get(), static_cast<off_t>(size_));
    segment_.reset();
    if (size_ == 0) ::unlink(segment_path(number_).c_str());
    fail_output(segment_path(number_), "cannot be written", error);
}

RecordPlace Journal::append(RecordType type, RecordParts const& parts) {
    std::lock_guard const lock(mutex_);
    auto const head = record_head(type, sequence_ + 1, parts);
    stay_in_place();
    write(head, parts);
    ++sequence_;
    auto const from_head = [&head, start = size_](std::uint64_t offset, std::span<std::byte> into) {
        std::copy_n(head.begin() + static_cast<std::ptrdiff_t>(offset - start), into.size(), into.begin());
        return into.size();
    };
    Record record = read_record(from_head, size_, std::numeric_limits<std::uint64_t>::max()).value();
    size_ = record.end;
    return {number_, std::move(record)};
}

std::vector<std::byte> Journal::read(RecordPlace const& place, std::size_t part) const {
    auto const path = segment_path(place.segment);
    FileDescriptor const file(path, O_RDONLY);
    std::optional<std::vector<std::byte>> bytes;
    if (part < place.record.parts.size()) bytes = read_part(source_of(file), place.record.parts[part]);
    if (!bytes)
        throw IoError(path.string() + ": record " + std::to_string(place.record.sequence) + " is damaged (part " + std::to_string(part) +
                          " is not what was written)",
                      false);
    return std::move(*bytes);
}

void Journal::remove_segment(std::uint32_t number) {
    auto const path = segment_path(number);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_output(path, "cannot be removed", errno);
}

std::uint32_t Journal::current_segment() const {
    std::lock_guard const lock(mutex_);
    return number_;
}

} // namespace sqd
