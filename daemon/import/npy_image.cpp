// The .npy format: magic, version, header length, a Python dictionary as text, then the pixels.
#include "daemon/import/npy_image.hpp"

#include "daemon/import/pattern_file.hpp"
#include "pipeline/core/errors.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace sqd {

namespace {

static_assert(std::endian::native == std::endian::little, "pixels are taken as they lie in the file");

[[noreturn]] void fail(std::filesystem::path const& file, std::string const& what) {
    throw DataError(file.string() + ": " + what);
}

/// What stands behind a key of the header, up to the comma or bracket that ends it.
std::string_view value_of(std::string_view header, std::string_view key, std::filesystem::path const& file) {
    std::string const quoted = std::string("'").append(key).append("':");
    std::size_t const at = header.find(quoted);
    if (at == std::string_view::npos) fail(file, "no '" + std::string(key) + "' in the header (not a .npy file?) save it with numpy.save");
    std::string_view value = header.substr(at + quoted.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value.starts_with('(') ? value.substr(0, value.find(')')) : value.substr(0, value.find_first_of(",}"));
}

std::vector<std::size_t> numbers_in(std::string_view text) {
    std::vector<std::size_t> out;
    for (char const* at = text.data(); at != text.data() + text.size();) {
        std::size_t value = 0;
        auto const [end, error] = std::from_chars(at, text.data() + text.size(), value);
        if (error == std::errc{}) out.push_back(value);
        at = end == at ? at + 1 : end;
    }
    return out;
}

template <class T>
void convert(std::string_view bytes, std::vector<double>& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        out[i] = static_cast<double>(value);
    }
}

/// A pixel type: NumPy's name of it, its size, and what reads it.
struct PixelType {
    std::string_view name;
    std::size_t bytes;
    void (*convert)(std::string_view bytes, std::vector<double>& out);
};

constexpr std::array<PixelType, 10> pixel_types{{{"'<f8'", 8, convert<double>},
                                                 {"'<f4'", 4, convert<float>},
                                                 {"'<u4'", 4, convert<std::uint32_t>},
                                                 {"'<i4'", 4, convert<std::int32_t>},
                                                 {"'<u2'", 2, convert<std::uint16_t>},
                                                 {"'<i2'", 2, convert<std::int16_t>},
                                                 {"'|u1'", 1, convert<std::uint8_t>},
                                                 {"'|i1'", 1, convert<std::int8_t>},
                                                 {"'<u8'", 8, convert<std::uint64_t>},
                                                 {"'<i8'", 8, convert<std::int64_t>}}};

PixelType const& pixel_type(std::string_view name, std::filesystem::path const& file) {
    for (PixelType const& type : pixel_types)
        if (name == type.name) return type;
    fail(file, "pixels of type " + std::string(name) + " (not a little-endian integer or float) convert it with .astype('<f8')");
}

/// The header's text and the pixels behind it.
struct Parts {
    std::string_view header, pixels;
};

Parts parts_of(std::string_view bytes, std::filesystem::path const& file) {
    using namespace std::string_view_literals;
    constexpr std::size_t version_at = 6, length_at = 8;
    if (!bytes.starts_with("\x93NUMPY"sv) || bytes.size() < length_at + 4)
        fail(file, "not a .npy file (no NUMPY at its start) save it with numpy.save");
    std::size_t const width = bytes[version_at] == 1 ? 2 : 4;
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + length_at, width);
    std::size_t const begin = length_at + width;
    if (bytes.size() - begin < length) fail(file, "ends inside its header (cut off) save it again");
    return {bytes.substr(begin, length), bytes.substr(begin + length)};
}

std::string shape_text(std::vector<std::size_t> const& shape) {
    std::string out;
    for (std::size_t const n : shape) out += (out.empty() ? "" : " x ") + std::to_string(n);
    return out;
}

} // namespace

Image<double> parse_npy_image(std::string_view bytes, std::filesystem::path const& file, std::size_t rows, std::size_t cols) {
    auto const [header, pixels] = parts_of(bytes, file);
    PixelType const& type = pixel_type(value_of(header, "descr", file), file);
    if (value_of(header, "fortran_order", file) != "False")
        fail(file, "columns lie one after another (Fortran order) save numpy.ascontiguousarray of it");
    std::vector<std::size_t> const shape = numbers_in(value_of(header, "shape", file));
    if (shape != std::vector{rows, cols})
        fail(file, "shape " + shape_text(shape) + " (the detector has " + shape_text({rows, cols}) + ") check detector.name and the image");
    Image<double> image(rows, cols);
    if (pixels.size() < image.size() * type.bytes) fail(file, "ends inside its pixels (cut off) save it again");
    type.convert(pixels, image.pixels);
    return image;
}

Image<double> read_npy_image(std::filesystem::path const& path, std::size_t rows, std::size_t cols) {
    return parse_npy_image(read_whole_file(path), path, rows, cols);
}

} // namespace sqd
