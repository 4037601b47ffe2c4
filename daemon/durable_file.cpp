#include "daemon/durable_file.hpp"

#include "daemon/posix_file.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// A file that could not be written whole is not left behind: it would only take the space that is missing.
void write_new(fs::path const& path, std::span<std::byte const> bytes, int flags) {
    int error = 0;
    {
        FileDescriptor const file(path, O_WRONLY | O_CREAT | O_NOFOLLOW | flags);
        error = write_all(file.get(), bytes);
        if (error == 0 && ::fsync(file.get()) != 0) error = errno;
    }
    if (error != 0) {
        ::unlink(path.c_str());
        fail_output(path, "cannot be written", error);
    }
}

} // namespace

void replace_file(fs::path const& path, std::span<std::byte const> bytes) {
    fs::path const temporary = path.string() + temporary_suffix;
    write_new(temporary, bytes, O_TRUNC);
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        int const error = errno;
        ::unlink(temporary.c_str());
        fail_output(path, "cannot be put in place", error);
    }
    sync_directory(folder_of(path));
}

void create_file(fs::path const& path, std::span<std::byte const> bytes) {
    write_new(path, bytes, O_EXCL);
    sync_directory(folder_of(path));
}

void require_directory(fs::path const& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) fail_output(directory, "cannot be created", error.value());
}

void require_writable_directory(fs::path const& directory) {
    require_directory(directory);
    fs::path const probe = directory / (".sqd_probe_" + std::to_string(::getpid()));
    write_new(probe, {}, O_TRUNC);
    ::unlink(probe.c_str());
}

} // namespace sqd
