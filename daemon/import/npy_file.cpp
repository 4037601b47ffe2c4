#include "daemon/import/npy_file.hpp"

#include "daemon/import/file_content.hpp"
#include "detectors/codec/npy_header.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

namespace {

NpyHeader header_of(FileContent const& content) {
    constexpr std::size_t longest_header = 128 * 1024;
    auto const head = content.read(0, longest_header);
    try {
        return parse_npy_header({reinterpret_cast<char const*>(head.data()), head.size()}, content.size);
    } catch (DataError const& error) {
        throw DecodeError(DecodeFault::malformed, error.what());
    }
}

/// Rows one after another, of pixels that lie column by column.
std::vector<std::byte> by_rows(std::vector<std::byte> const& by_columns, StoredPixels const& stored) {
    std::vector<std::byte> out(by_columns.size());
    for (std::size_t row = 0; row < stored.rows; ++row)
        for (std::size_t col = 0; col < stored.cols; ++col)
            std::copy_n(by_columns.data() + (col * stored.rows + row) * stored.bytes, stored.bytes,
                        out.data() + (row * stored.cols + col) * stored.bytes);
    return out;
}

StoredPixels pixels_of(NpyHeader const& header, bool any_number) {
    if (header.shape.size() != 2 && header.shape.size() != 3)
        throw DecodeError(DecodeFault::unsupported,
                          "array of " + std::to_string(header.shape.size()) + " dimensions (2 are an image, 3 are several)");
    if (header.kind == 'b' && !any_number)
        throw DecodeError(DecodeFault::unsupported, "pixels of type bool (this is a mask, not an image)");
    if (header.column_major && (!any_number || header.shape.size() != 2))
        throw DecodeError(DecodeFault::unsupported,
                          "columns lie one after another (Fortran order) save numpy.ascontiguousarray of the array");
    std::size_t const n = header.shape.size();
    return {header.shape[n - 2], header.shape[n - 1], static_cast<unsigned>(header.bytes),
            header.kind == 'i',  header.kind == 'f',  header.big_endian};
}

} // namespace

ImageFile open_npy_file(std::filesystem::path const& path, FileOptions const& options) {
    FileContent const content = open_content(path, options.decoder.limits.max_image_bytes);
    NpyHeader const header = header_of(content);
    StoredPixels const stored = pixels_of(header, options.any_number);
    check_stored(stored, options);
    ImageFile out;
    out.images = header.shape.size() == 3 ? header.shape[0] : 1;
    out.about.rows = stored.rows;
    out.about.cols = stored.cols;
    out.read = [content, stored, options, at = header.offset, by_columns = header.column_major](std::uint64_t i) {
        auto bytes = content.read(at + i * stored.size_bytes(), stored.size_bytes());
        if (by_columns && bytes.size() == stored.size_bytes()) bytes = by_rows(bytes, stored);
        return plain_image(std::move(bytes), stored, "npy", std::nullopt, options);
    };
    return out;
}

} // namespace sqd
