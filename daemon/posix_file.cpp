#include "daemon/posix_file.hpp"

#include "pipeline/core/errors.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace sqd {

namespace {

namespace fs = std::filesystem;

char const* advice(int error) {
    switch (error) {
    case ENOSPC:
    case EDQUOT: return "free space there, or write elsewhere";
    case EFBIG: return "raise the limit of a file's size, or write elsewhere";
    case EEXIST: return "remove it, write elsewhere, or ask to overwrite";
    default: return "check the path and its permissions";
    }
}

} // namespace

void fail_output(fs::path const& path, std::string const& what, int error) {
    throw IoError(path.string() + ": " + what + " (" + std::strerror(error) + ") " + advice(error), true);
}

FileDescriptor::FileDescriptor(fs::path const& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ >= 0) return;
    int const error = errno;
    fail_output(path, (flags & O_ACCMODE) == O_RDONLY ? "cannot be opened" : "cannot be opened for writing", error);
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
}

int write_all(int fd, std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return 0;
}

std::size_t read_at(int fd, std::uint64_t offset, std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        ssize_t const got = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void sync_directory(fs::path const& directory) {
    FileDescriptor const folder(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(folder.get()) == 0) return;
    int const error = errno;
    fail_output(directory, "cannot be synced", error);
}

fs::path folder_of(fs::path const& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

} // namespace sqd
