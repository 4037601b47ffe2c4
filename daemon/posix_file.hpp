// Files by POSIX calls, which, unlike streams, say why they fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace sqd {

/// IoError (output) "path: what (the system's reason for `error`) what to do about it".
[[noreturn]] void fail_output(std::filesystem::path const& path, std::string const& what, int error);

/// An open file or directory; closed at the end of its life.
class FileDescriptor {
public:
    /// open(2) with these flags and O_CLOEXEC, new files as 0644. Throws IoError (output).
    FileDescriptor(std::filesystem::path const& path, int flags);
    ~FileDescriptor();
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const { return fd_; }

private:
    int fd_;
};

/// Writes all of it, at the file's end where it was opened so. 0, or the error that stopped it.
int write_all(int fd, std::span<std::byte const> bytes);

/// Bytes from `offset`, as many as there are; fewer where the file ends or cannot be read.
std::size_t read_at(int fd, std::uint64_t offset, std::span<std::byte> into);

/// Names that were made or changed in it are on disk when it returns. Throws IoError (output).
void sync_directory(std::filesystem::path const& directory);

/// The folder that a file is in; "." where the path names none.
std::filesystem::path folder_of(std::filesystem::path const& path);

} // namespace sqd
