#include "daemon/run/free_space.hpp"

#include <sys/statvfs.h>

#include <array>
#include <cstdio>
#include <optional>

namespace sqd {

namespace {

std::optional<std::uint64_t> room_of(std::string const& directory) {
    struct statvfs disk {};
    if (::statvfs(directory.c_str(), &disk) != 0) return std::nullopt;
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

std::string gigabytes(std::uint64_t bytes) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g GB", static_cast<double>(bytes) / 1e9);
    return text.data();
}

} // namespace

std::uint64_t free_bytes(std::string const& directory) {
    return room_of(directory).value_or(0);
}

std::string little_space(std::vector<std::string> const& directories, std::uint64_t least) {
    std::string out;
    for (auto const& directory : directories) {
        auto const room = room_of(directory);
        if (!room || *room >= least) continue;
        out += (out.empty() ? "" : "; ") + directory + " has " + gigabytes(*room) + " left";
    }
    return out.empty() ? out : out + " (archive.min_free_GB is " + gigabytes(least) + ") free space there";
}

} // namespace sqd
