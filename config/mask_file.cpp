// NumPy and EDF images as masks.
#include "config/mask_file.hpp"

#include "detectors/codec/edf_header.hpp"
#include "detectors/codec/npy_header.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace sqd {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t max_pixels = std::size_t{1} << 28;

DataError bad(std::string const& problem, std::string const& why) {
    return DataError("mask: " + problem + " (" + why + ") save it again with pyFAI, silx or numpy.save");
}

/// How the pixels of a file are stored.
struct PixelLayout {
    std::size_t rows = 0, cols = 0;
    std::size_t bytes = 0; ///< per pixel
    bool real = false;     ///< floating point
    bool big_endian = false;
    bool column_major = false;
};

/// Excluded unless zero; minus zero is zero, NaN is not.
bool is_excluded(char const* pixel, PixelLayout const& layout) {
    std::array<char, 8> value{};
    std::copy_n(pixel, layout.bytes, value.begin());
    if (layout.real) {
        auto& last = value[layout.big_endian ? 0 : layout.bytes - 1];
        last = static_cast<char>(last & 0x7f);
    }
    return std::any_of(value.begin(), value.end(), [](char byte) { return byte != 0; });
}

Mask to_mask(std::string const& bytes, std::size_t offset, PixelLayout const& layout) {
    if (layout.rows == 0 || layout.cols == 0 || layout.rows > max_pixels / layout.cols) {
        throw bad("shape " + std::to_string(layout.rows) + " x " + std::to_string(layout.cols), "not an image");
    }
    auto const pixels = layout.rows * layout.cols;
    if (bytes.size() < offset || bytes.size() - offset < pixels * layout.bytes) {
        throw bad("file ends early", "header promises " + std::to_string(pixels * layout.bytes) + " bytes of pixels");
    }
    Mask mask(layout.rows, layout.cols);
    for (std::size_t row = 0; row < layout.rows; ++row) {
        for (std::size_t col = 0; col < layout.cols; ++col) {
            auto const index = layout.column_major ? col * layout.rows + row : row * layout.cols + col;
            mask(row, col) = is_excluded(bytes.data() + offset + index * layout.bytes, layout) ? 1 : 0;
        }
    }
    return mask;
}

} // namespace

Mask parse_npy_mask(std::string const& bytes) {
    NpyHeader header;
    try {
        header = parse_npy_header(bytes);
    } catch (DataError const& error) {
        throw DataError(std::string("mask: ") + error.what());
    }
    if (header.shape.size() != 2) throw bad("the array has not two dimensions", std::to_string(header.shape.size()) + " of them");
    PixelLayout const layout{header.shape[0], header.shape[1], header.bytes, header.kind == 'f', header.big_endian, header.column_major};
    return to_mask(bytes, header.offset, layout);
}

Mask parse_edf_mask(std::string const& bytes) {
    EdfHeader header;
    try {
        header = parse_edf_header(bytes);
    } catch (DataError const& error) {
        throw DataError(std::string("mask: ") + error.what() + " save it again with pyFAI, silx or numpy.save");
    }
    return to_mask(bytes, header.offset, {header.rows, header.cols, header.bytes, header.is_real, header.big_endian, false});
}

Mask read_mask(std::string const& path) {
    auto const ending = std::filesystem::path(path).extension().string();
    if (ending != ".npy" && ending != ".edf") {
        throw DataError("mask format '" + ending +
                        "' is not available (this version reads .npy and .edf) convert it with silx convert or numpy.save");
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw DataError("mask: cannot read " + path + " (no such file or no right to it) check the name");
    std::string const bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    return ending == ".npy" ? parse_npy_mask(bytes) : parse_edf_mask(bytes);
}

} // namespace sqd
