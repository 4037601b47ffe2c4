#include "daemon/web/archive_pages.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <vector>

namespace sqd {
namespace {

namespace fs = std::filesystem;

/// As daemon/file_name.hpp makes them: nothing in it leads anywhere.
bool is_archive_name(std::string const& name) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-", ending = ".nxs";
    return name.size() > ending.size() && name.size() < 256 && name.front() != '.' && name.ends_with(ending) &&
           name.find_first_not_of(allowed) == std::string::npos;
}

struct Entry {
    std::string name;
    std::uint64_t bytes = 0;
    std::int64_t modified_s = 0;
};

/// False for what is no regular file itself.
bool look_at(fs::path const& file, Entry& out) {
    struct stat info {};
    if (lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
    out = {file.filename().string(), static_cast<std::uint64_t>(info.st_size), info.st_mtime};
    return true;
}

bool has(fs::path const& directory, std::string const& name) {
    Entry entry;
    return is_archive_name(name) && look_at(directory / name, entry);
}

WebReply no_such_file() {
    return web_refusal(404, "the archive has no such file (/api/v1/archive lists them)");
}

} // namespace

WebReply archive_page(fs::path const& directory) {
    constexpr std::size_t most = 1000;
    std::vector<Entry> entries;
    std::error_code error;
    for (fs::directory_iterator each(directory, error), end; !error && each != end; each.increment(error)) {
        Entry entry;
        if (is_archive_name(each->path().filename().string()) && look_at(each->path(), entry)) entries.push_back(std::move(entry));
    }
    if (error) return web_refusal(503, "the archive's directory cannot be read (" + error.message() + ")");
    std::ranges::sort(entries,
                      [](Entry const& a, Entry const& b) { return std::tie(b.modified_s, a.name) < std::tie(a.modified_s, b.name); });
    Json files = Json::array();
    for (Entry const& entry : entries) {
        if (files.size() == most) break;
        files.push_back({{"name", entry.name}, {"bytes", entry.bytes}, {"modified", iso_time(entry.modified_s * 1'000'000'000)}});
    }
    return json_reply(200, {{"more", entries.size() - files.size()}, {"files", std::move(files)}});
}

WebReply archive_file_page(fs::path const& directory, std::string const& name) {
    if (!has(directory, name)) return no_such_file();
    WebReply reply{200, "application/x-hdf5", {}};
    reply.headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""}};
    reply.file = directory / name;
    return reply;
}

WebReply archive_messages_page(fs::path const& directory, std::string const& name, std::string const& program) {
    if (!has(directory, name)) return no_such_file();
    WebReply reply{200, "application/octet-stream", {}};
    reply.output_of = {program, "export", "--messages", "--", (directory / name).string()};
    return reply;
}

} // namespace sqd
