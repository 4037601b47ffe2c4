// What is judged is the file that was opened, not the name, which may be another file a moment later.
#include "daemon/security/private_file.hpp"

#include "pipeline/core/errors.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest = std::size_t{1} << 20;

class OpenFile {
public:
    /// Not blocking, so that a pipe of that name is told and not waited for.
    explicit OpenFile(fs::path const& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (fd_ < 0) fail(std::string("cannot be read (") + std::strerror(errno) + ") check the path and its permissions");
    }
    ~OpenFile() { ::close(fd_); }
    OpenFile(OpenFile const&) = delete;
    OpenFile& operator=(OpenFile const&) = delete;

    [[noreturn]] void fail(std::string const& what) const { throw ConfigError(path_.string() + ": " + what); }

    struct stat status() const {
        struct stat status {};
        if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) fail("no file (a folder, a pipe or a device) give a text file");
        return status;
    }

    std::string text() const {
        std::string text(longest + 1, '\0');
        std::size_t size = 0;
        while (size < text.size()) {
            ssize_t const got = ::read(fd_, text.data() + size, text.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail(std::string("cannot be read (") + std::strerror(errno) + ") check the disk");
            if (got == 0) break;
            size += static_cast<std::size_t>(got);
        }
        if (size > longest) fail("larger than 1 MiB (it holds a few lines) is it another file?");
        text.resize(size);
        return text;
    }

private:
    fs::path path_;
    int fd_;
};

} // namespace

std::string read_small_file(fs::path const& file) {
    OpenFile const open(file);
    (void)open.status();
    return open.text();
}

std::string read_private_file(fs::path const& file) {
    OpenFile const open(file);
    struct stat const status = open.status();
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        open.fail("belongs to another user (who can read and replace this key) chown it to the user of the service, or to root");
    mode_t const forbidden = status.st_uid == 0 ? 0027 : 0077;
    if ((status.st_mode & forbidden) != 0)
        open.fail("others may read or write it (a secret that others know is none) chmod 600 " + file.string());
    return open.text();
}

} // namespace sqd
