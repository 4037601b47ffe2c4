#include "daemon/import/edf_file.hpp"

#include "daemon/import/file_content.hpp"
#include "detectors/codec/edf_header.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

namespace {

struct EdfImage {
    StoredPixels stored;
    std::uint64_t at = 0; ///< of the pixels in the file
    std::optional<double> exposure_s;
};

/// As LImA and SPEC write it, in s.
std::optional<double> exposure_of(EdfHeader const& header) {
    for (char const* key : {"acq_expo_time", "count_time"}) {
        auto const found = header.values.find(key);
        if (found == header.values.end()) continue;
        std::string const& text = found->second;
        double seconds = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error == std::errc{} && std::isfinite(seconds) && seconds > 0) return seconds;
    }
    return std::nullopt;
}

EdfHeader header_at(FileContent const& content, std::uint64_t offset) {
    constexpr std::size_t usual_header = 4096;
    auto head = content.read(offset, usual_header);
    auto const text_of = [](std::vector<std::byte> const& bytes) {
        return std::string_view(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    };
    if (text_of(head).find("}\n") == std::string_view::npos) head = content.read(offset, longest_edf_header);
    try {
        return parse_edf_header(text_of(head));
    } catch (DataError const& error) {
        throw DecodeError(DecodeFault::malformed, error.what());
    }
}

/// True where the file holds nothing but blanks or zeros from `offset` on.
bool only_padding(FileContent const& content, std::uint64_t offset) {
    constexpr std::size_t most_padding = 4096;
    if (content.size - offset > most_padding) return false;
    auto const rest = content.read(offset, most_padding);
    return std::ranges::all_of(rest, [](std::byte b) { return b == std::byte{0} || b == std::byte{' '} || b == std::byte{'\n'}; });
}

/// Where the images of the file lie. Every image takes at least a header of the file: a small file has few.
std::vector<EdfImage> images_of(FileContent const& content, FileOptions const& options) {
    std::vector<EdfImage> images;
    std::uint64_t offset = 0;
    while (images.empty() || (offset < content.size && !only_padding(content, offset))) {
        EdfHeader const header = header_at(content, offset);
        StoredPixels const stored{header.rows,      header.cols,    static_cast<unsigned>(header.bytes),
                                  header.is_signed, header.is_real, header.big_endian};
        check_stored(stored, options);
        std::uint64_t const at = offset + header.offset;
        images.push_back({stored, at, exposure_of(header)});
        offset = at + std::max<std::uint64_t>(stored.size_bytes(), std::min<std::uint64_t>(header.stated_bytes, content.size));
    }
    return images;
}

} // namespace

ImageFile open_edf_file(std::filesystem::path const& path, FileOptions const& options) {
    FileContent const content = open_content(path, options.decoder.limits.max_image_bytes + longest_edf_header);
    auto const images = std::make_shared<std::vector<EdfImage> const>(images_of(content, options));
    ImageFile out;
    out.images = images->size();
    out.about.rows = images->front().stored.rows;
    out.about.cols = images->front().stored.cols;
    out.about.count_time_s = images->front().exposure_s;
    out.read = [content, images, options](std::uint64_t i) {
        EdfImage const& image = (*images)[i];
        FileImage read = plain_image(content.read(image.at, image.stored.size_bytes()), image.stored, "edf", std::nullopt, options);
        std::visit([&](auto& any) { any.exposure_s = image.exposure_s; }, read);
        return read;
    };
    return out;
}

} // namespace sqd
