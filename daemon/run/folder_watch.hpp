// Tells which files of a folder have become whole, as the kernel sees it (inotify).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Watches one folder for files with one ending that were moved there or closed after writing. Files that are there before are not new,
/// unless they change. When the kernel's queue overflows the folder is searched, so that no file is missed.
class FolderWatch {
public:
    /// What tells one writing of a file from another.
    struct Version {
        std::uint64_t inode = 0;
        std::int64_t changed_ns = 0, bytes = 0;
        bool operator==(Version const&) const = default;
    };

    /// Throws ConfigError when the folder cannot be watched.
    FolderWatch(std::filesystem::path folder, std::string ending);
    ~FolderWatch();
    FolderWatch(FolderWatch const&) = delete;
    FolderWatch& operator=(FolderWatch const&) = delete;

    /// Names of new files, in the order they became whole (after an overflow: of their names); waits up to `patience` for the first.
    std::vector<std::string> wait(std::chrono::milliseconds patience);
    /// Whether the folder itself is there, as wait() last saw it. One that goes and comes back, as when a disk is mounted, is watched
    /// again.
    bool there() const { return there_; }
    /// nullopt where there is no such file.
    std::optional<Version> version(std::string const& name) const;
    /// This version of the file is known: no event of the past makes it new.
    void note(std::string const& name, Version const& version);
    /// The file is gone; if it comes back it is new.
    void forget(std::string const& name);
    /// Searches the folder for what no event told of.
    std::vector<std::string> rescan();

private:
    std::map<std::string, Version> list() const;
    void forget_absent();
    bool is_wanted(std::string const& name) const;
    void read_events(std::vector<std::string>& names);
    bool begin_to_watch();
    void look_for_folder(std::vector<std::string>& names);
    std::uint64_t folder_inode() const;

    std::filesystem::path folder_;
    std::string ending_;
    int fd_;
    std::uint64_t watched_inode_ = 0; ///< of the folder; 0 = none
    bool there_ = true;
    std::map<std::string, Version> known_;
    std::size_t forget_at_;
};

} // namespace sqd
