#include "daemon/run/folder_watch.hpp"

#include "pipeline/core/errors.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t many_names = 100'000;

} // namespace

FolderWatch::FolderWatch(fs::path folder, std::string ending)
    : folder_(std::move(folder)), ending_(std::move(ending)), fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), forget_at_(many_names) {
    if (fd_ < 0 || !begin_to_watch()) {
        std::string const why = std::strerror(errno);
        if (fd_ >= 0) close(fd_);
        throw ConfigError("source.directory: " + folder_.string() + " cannot be watched (" + why +
                          ") name the folder of the camera's files");
    }
    known_ = list(); // after the watch has begun: nothing falls between
}

FolderWatch::~FolderWatch() {
    close(fd_);
}

std::uint64_t FolderWatch::folder_inode() const {
    struct stat status {};
    return stat(folder_.c_str(), &status) == 0 && S_ISDIR(status.st_mode) ? status.st_ino : 0;
}

/// False with errno.
bool FolderWatch::begin_to_watch() {
    if (inotify_add_watch(fd_, folder_.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) return false;
    watched_inode_ = folder_inode();
    return true;
}

/// The kernel's watch goes with the folder; what came into a new one before it was watched is found by searching.
void FolderWatch::look_for_folder(std::vector<std::string>& names) {
    std::uint64_t const inode = folder_inode();
    if (inode == 0) watched_inode_ = 0;
    if (inode != 0 && inode != watched_inode_ && begin_to_watch()) {
        for (auto& name : rescan())
            if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    there_ = watched_inode_ != 0;
}

std::optional<FolderWatch::Version> FolderWatch::version(std::string const& name) const {
    struct stat status {};
    if (stat((folder_ / name).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return Version{status.st_ino, status.st_mtim.tv_sec * ns_per_s + status.st_mtim.tv_nsec, status.st_size};
}

/// Hidden files are those that a writer has not renamed yet.
bool FolderWatch::is_wanted(std::string const& name) const {
    if (name.size() <= ending_.size() || name.front() == '.') return false;
    auto const tail = name.substr(name.size() - ending_.size());
    return std::ranges::equal(tail, ending_, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::map<std::string, FolderWatch::Version> FolderWatch::list() const {
    std::map<std::string, Version> files;
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        auto const name = at->path().filename().string();
        if (!is_wanted(name)) continue;
        if (auto const found = version(name)) files.emplace(name, *found);
    }
    return files;
}

std::vector<std::string> FolderWatch::rescan() {
    auto found = list();
    std::vector<std::string> fresh;
    for (auto const& [name, version] : found) {
        auto const before = known_.find(name);
        if (before == known_.end() || !(before->second == version)) fresh.push_back(name);
    }
    known_ = std::move(found);
    return fresh;
}

void FolderWatch::note(std::string const& name, Version const& version) {
    known_[name] = version;
}

void FolderWatch::forget(std::string const& name) {
    known_.erase(name);
}

/// Files that others took away: a folder through which millions go does not fill the memory with their names.
void FolderWatch::forget_absent() {
    if (known_.size() < forget_at_) return;
    std::erase_if(known_, [this](auto const& known) { return !version(known.first); });
    forget_at_ = std::max(many_names, 2 * known_.size());
}

void FolderWatch::read_events(std::vector<std::string>& names) {
    alignas(inotify_event) std::array<char, 16384> buffer;
    bool overflow = false;
    for (ssize_t n; (n = read(fd_, buffer.data(), buffer.size())) > 0;) {
        for (char const* at = buffer.data(); at < buffer.data() + n;) {
            inotify_event event;
            std::memcpy(&event, at, sizeof event);
            overflow = overflow || (event.mask & IN_Q_OVERFLOW) != 0;
            std::string const name = event.len > 0 ? std::string(at + sizeof event) : std::string{};
            at += sizeof event + event.len;
            if (!is_wanted(name)) continue;
            auto const now = version(name);
            if (!now) continue; // taken away by somebody else
            auto const [place, is_new] = known_.try_emplace(name, *now);
            bool const repeated = !is_new && place->second == *now; // closed, then renamed: one file
            place->second = *now;
            if (!repeated && std::ranges::find(names, name) == names.end()) names.push_back(name);
        }
    }
    if (!overflow) return;
    for (auto& name : rescan())
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

std::vector<std::string> FolderWatch::wait(std::chrono::milliseconds patience) {
    std::vector<std::string> names;
    pollfd item{fd_, POLLIN, 0};
    if (poll(&item, 1, static_cast<int>(patience.count())) > 0) read_events(names);
    look_for_folder(names);
    forget_absent();
    return names;
}

} // namespace sqd
