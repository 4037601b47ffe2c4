// Reads files in pieces; unpacks with zlib and libbz2.
#include "daemon/import/file_content.hpp"

#include "daemon/import/unpack.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_read(fs::path const& path, std::string const& why) {
    throw IoError(path.string() + ": cannot be read (" + why + ") check the path", false);
}

FileContent plain(fs::path const& path) {
    std::error_code error;
    auto const kind = fs::status(path, error).type();
    if (!error && kind != fs::file_type::regular && kind != fs::file_type::not_found) cannot_read(path, "it is no regular file");
    auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
    if (!in->is_open()) cannot_read(path, std::strerror(errno));
    std::uint64_t const size = fs::file_size(path, error);
    if (error) cannot_read(path, error.message());
    return {size, [in, size, path](std::uint64_t offset, std::size_t bytes) {
                std::vector<std::byte> out(offset < size ? std::min<std::uint64_t>(bytes, size - offset) : 0);
                in->clear();
                in->seekg(static_cast<std::streamoff>(offset));
                in->read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
                if (in->bad()) cannot_read(path, std::strerror(errno));
                out.resize(static_cast<std::size_t>(in->gcount())); // another program may have cut it since
                return out;
            }};
}

std::vector<std::byte> all_of(FileContent const& content, std::size_t most) {
    if (content.size > most)
        throw DecodeError(DecodeFault::oversized,
                          "file of " + std::to_string(content.size) + " bytes (at most " + std::to_string(most) + " are read)");
    return content.read(0, static_cast<std::size_t>(content.size));
}

FileContent in_memory(std::vector<std::byte> bytes) {
    auto const held = std::make_shared<std::vector<std::byte> const>(std::move(bytes));
    return {held->size(), [held](std::uint64_t offset, std::size_t wanted) {
                auto const first = held->begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, held->size()));
                auto const rest = static_cast<std::size_t>(held->end() - first);
                return std::vector<std::byte>(first, first + static_cast<std::ptrdiff_t>(std::min(wanted, rest)));
            }};
}

} // namespace

FileContent open_content(fs::path const& path, std::size_t most) {
    FileContent file = plain(path);
    if (path.extension() == ".gz") return in_memory(unpack_gzip(all_of(file, most), most));
    if (path.extension() == ".bz2") return in_memory(unpack_bzip2(all_of(file, most), most));
    return file;
}

std::vector<std::byte> read_all(fs::path const& path, std::size_t most) {
    return all_of(open_content(path, most), most);
}

fs::path unpacked_name(fs::path const& path) {
    return path.extension() == ".gz" || path.extension() == ".bz2" ? path.stem() : path.filename();
}

} // namespace sqd
