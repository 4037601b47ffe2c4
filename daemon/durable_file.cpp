// Durable files on POSIX calls, which, unlike streams, say why they fail.
#include "daemon/durable_file.hpp"

#include "pipeline/core/errors.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace sqd {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(fs::path const& path, std::string const& what, int error, std::string const& suggestion) {
    throw IoError(path.string() + ": " + what + " (" + std::strerror(error) + ") " + suggestion, true);
}

std::string advice(int error) {
    switch (error) {
    case ENOSPC:
    case EDQUOT: return "free space there, or write elsewhere";
    case EEXIST: return "remove it, write elsewhere, or ask to overwrite";
    default: return "check the path and its permissions";
    }
}

class Descriptor {
public:
    Descriptor(fs::path const& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
        if (fd_ < 0) {
            int const error = errno;
            fail(path, "cannot be opened for writing", error, advice(error));
        }
    }
    ~Descriptor() { ::close(fd_); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

/// 0, or the error that stopped it.
int write_and_sync(int fd, std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

/// A file that could not be written whole is not left behind: it would only take the space that is missing.
void write_new(fs::path const& path, std::span<std::byte const> bytes, int flags) {
    int error = 0;
    {
        Descriptor const file(path, O_WRONLY | O_CREAT | flags);
        error = write_and_sync(file.get(), bytes);
    }
    if (error != 0) {
        ::unlink(path.c_str());
        fail(path, "cannot be written", error, advice(error));
    }
}

void sync_directory(fs::path const& directory) {
    Descriptor const folder(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(folder.get()) != 0) {
        int const error = errno;
        fail(directory, "cannot be synced", error, advice(error));
    }
}

fs::path folder_of(fs::path const& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

} // namespace

void replace_file(fs::path const& path, std::span<std::byte const> bytes) {
    fs::path const temporary = path.string() + ".tmp";
    write_new(temporary, bytes, O_TRUNC);
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        int const error = errno;
        ::unlink(temporary.c_str());
        fail(path, "cannot be put in place", error, advice(error));
    }
    sync_directory(folder_of(path));
}

void create_file(fs::path const& path, std::span<std::byte const> bytes) {
    write_new(path, bytes, O_EXCL);
    sync_directory(folder_of(path));
}

void require_writable_directory(fs::path const& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) fail(directory, "cannot be created", error.value(), advice(error.value()));
    fs::path const probe = directory / (".sqd_probe_" + std::to_string(::getpid()));
    write_new(probe, {}, O_TRUNC);
    ::unlink(probe.c_str());
}

} // namespace sqd
