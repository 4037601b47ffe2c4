#include "daemon/journal/sealed_file.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/import/file_content.hpp"
#include "daemon/journal/byte_stream.hpp"
#include "daemon/journal/crc32c.hpp"
#include "daemon/posix_file.hpp"

#include <cerrno>
#include <exception>

#include <fcntl.h>
#include <unistd.h>

namespace sqd {

namespace {

constexpr std::uint32_t seal_version = 1;
constexpr std::size_t head_bytes = 4 + 4 + 8 + 8, tail_bytes = 4;

void write_new(std::filesystem::path const& path, Seal const& seal, std::span<std::byte const> content) {
    int error = 0;
    {
        FileDescriptor const file(path, O_WRONLY | O_CREAT | O_TRUNC);
        for (auto const part : {std::span<std::byte const>(seal.head), content, std::span<std::byte const>(seal.tail)})
            if (error == 0) error = write_all(file.get(), part);
        if (error == 0 && ::fdatasync(file.get()) != 0) error = errno;
    }
    if (error == 0) return;
    ::unlink(path.c_str()); // it would only take the space that is missing
    fail_output(path, "cannot be written", error);
}

} // namespace

Seal seal(std::string const& mark, std::uint64_t sequence, std::span<std::byte const> content) {
    ByteWriter head, tail;
    for (char const letter : mark.substr(0, 4)) head(letter);
    head(seal_version);
    head(sequence);
    head(static_cast<std::uint64_t>(content.size()));
    tail(crc32c(content, crc32c(head.bytes())));
    return {head.take(), tail.take()};
}

std::optional<SealedContent> unseal(std::vector<std::byte> bytes, std::string const& mark) {
    if (bytes.size() < head_bytes + tail_bytes) return std::nullopt;
    std::size_t const length = bytes.size() - head_bytes - tail_bytes;
    ByteReader in(bytes);
    for (char const letter : mark.substr(0, 4))
        if (in.get<char>() != letter) return std::nullopt;
    if (in.get<std::uint32_t>() != seal_version) return std::nullopt;
    SealedContent out;
    in(out.sequence);
    if (in.get<std::uint64_t>() != length) return std::nullopt;
    in.take(length);
    if (in.get<std::uint32_t>() != crc32c(std::span(bytes).first(head_bytes + length))) return std::nullopt;
    bytes.resize(head_bytes + length);
    bytes.erase(bytes.begin(), bytes.begin() + head_bytes);
    out.bytes = std::move(bytes);
    return out;
}

std::optional<SealedContent> read_sealed(std::filesystem::path const& path, std::string const& mark) {
    constexpr std::size_t most = std::size_t{4} << 30;
    try {
        return unseal(read_all(path, most), mark);
    } catch (std::exception const&) { // it is as good as not there
        return std::nullopt;
    }
}

void overwrite_sealed(std::filesystem::path const& path, std::string const& mark, std::uint64_t sequence,
                      std::span<std::byte const> content) {
    bool const is_new = !std::filesystem::exists(path);
    write_new(path, seal(mark, sequence, content), content);
    if (is_new) sync_directory(folder_of(path));
}

void replace_sealed(std::filesystem::path const& path, std::string const& mark, std::uint64_t sequence,
                    std::span<std::byte const> content) {
    std::filesystem::path const temporary = path.string() + temporary_suffix;
    write_new(temporary, seal(mark, sequence, content), content);
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        int const error = errno;
        ::unlink(temporary.c_str());
        fail_output(path, "cannot be put in place", error);
    }
    sync_directory(folder_of(path));
}

} // namespace sqd
