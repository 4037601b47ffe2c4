// NumPy's pixels as doubles.
#include "daemon/import/npy_image.hpp"

#include "daemon/import/pattern_file.hpp"
#include "detectors/codec/npy_header.hpp"
#include "pipeline/core/errors.hpp"

#include <bit>
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

template <class T>
void convert(std::string_view bytes, std::vector<double>& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        out[i] = static_cast<double>(value);
    }
}

using Convert = void (*)(std::string_view bytes, std::vector<double>& out);

/// What reads numbers of this kind; null for none.
Convert converter(char kind, std::size_t bytes) {
    if (kind == 'f') return bytes == 8 ? convert<double> : bytes == 4 ? convert<float> : nullptr;
    bool const is_signed = kind == 'i';
    switch (bytes) {
    case 1: return is_signed ? convert<std::int8_t> : convert<std::uint8_t>;
    case 2: return is_signed ? convert<std::int16_t> : convert<std::uint16_t>;
    case 4: return is_signed ? convert<std::int32_t> : convert<std::uint32_t>;
    case 8: return is_signed ? convert<std::int64_t> : convert<std::uint64_t>;
    default: return nullptr;
    }
}

NpyHeader header_of(std::string_view bytes, std::filesystem::path const& file) {
    try {
        return parse_npy_header(bytes);
    } catch (DataError const& error) {
        fail(file, error.what());
    }
}

std::string shape_text(std::vector<std::size_t> const& shape) {
    std::string out;
    for (std::size_t const n : shape) out += (out.empty() ? "" : " x ") + std::to_string(n);
    return out;
}

} // namespace

Image<double> parse_npy_image(std::string_view bytes, std::filesystem::path const& file, std::size_t rows, std::size_t cols) {
    NpyHeader const header = header_of(bytes, file);
    Convert const to_double = header.big_endian ? nullptr : converter(header.kind, header.bytes);
    if (to_double == nullptr) {
        std::string const type = (header.big_endian ? ">" : "<") + std::string(1, header.kind) + std::to_string(header.bytes);
        fail(file, "pixels of type " + type + " (not a little-endian integer or float) convert it with .astype('<f8')");
    }
    if (header.column_major) fail(file, "columns lie one after another (Fortran order) save numpy.ascontiguousarray of it");
    if (header.shape != std::vector{rows, cols})
        fail(file, "shape " + shape_text(header.shape) + " (the detector has " + shape_text({rows, cols}) +
                       ") check detector.name and the image");
    Image<double> image(rows, cols);
    to_double(bytes.substr(header.offset), image.pixels);
    return image;
}

Image<double> read_npy_image(std::filesystem::path const& path, std::size_t rows, std::size_t cols) {
    return parse_npy_image(read_whole_file(path), path, rows, cols);
}

} // namespace sqd
