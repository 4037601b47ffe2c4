#include "daemon/simulate/cbf_folder.hpp"

#include "pipeline/core/errors.hpp"

#include <fstream>
#include <span>
#include <string>
#include <thread>

namespace sqd::simulated {

namespace {

using std::filesystem::path;

[[noreturn]] void fail(path const& file) {
    throw IoError("cannot write " + file.string() + " (missing folder, no space or no permission) check source.directory", true);
}

void write(std::ofstream& out, std::span<std::byte const> bytes, path const& file) {
    out.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) fail(file);
}

/// Bytes without a name become a file that is none of the camera's.
path file_of(path const& folder, SharedMessage const& message) {
    if (message.size() < 2) return folder / "stray";
    auto const& name = *message.front();
    return folder / std::string(reinterpret_cast<char const*>(name.data()), name.size());
}

std::span<std::byte const> bytes_of(SharedMessage const& message) {
    return *message.at(message.size() < 2 ? 0 : 1);
}

void write_whole(path const& file, std::span<std::byte const> bytes) {
    auto const temporary = path(file) += ".tmp";
    {
        std::ofstream out(temporary, std::ios::binary);
        write(out, bytes, temporary);
    }
    std::error_code error;
    std::filesystem::rename(temporary, file, error);
    if (error) fail(file);
}

void write_slowly(path const& file, std::span<std::byte const> bytes) {
    std::ofstream out(file, std::ios::binary);
    write(out, bytes.first(bytes.size() / 2), file);
    std::this_thread::sleep_for(std::chrono::milliseconds(5)); // as a slow disk would
    write(out, bytes.subspan(bytes.size() / 2), file);
}

} // namespace

Outlet outlet_to_folder(path const& folder, bool in_place) {
    return {[folder, in_place](SharedMessage const& message) {
                (in_place ? write_slowly : write_whole)(file_of(folder, message), bytes_of(message));
                return Delivery::sent;
            },
            [](std::chrono::milliseconds) {},
            [folder](SharedMessage const& message) {
                auto const bytes = bytes_of(message);
                write_whole(file_of(folder, message), bytes.first(bytes.size() / 2));
            }};
}

} // namespace sqd::simulated
