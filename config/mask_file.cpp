// NumPy and EDF images as masks.
#include "config/mask_file.hpp"

#include "detectors/codec/npy_header.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <sstream>

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

std::size_t to_size(std::string const& digits) {
    if (digits.size() > 9) throw bad("dimension " + digits, "not an image");
    return std::stoul(digits);
}

/// Keys of an EDF header; lower-case, as they are written in every mixture of cases.
std::map<std::string, std::string> edf_header(std::string const& text) {
    std::map<std::string, std::string> values;
    std::istringstream stream(text);
    for (std::string entry; std::getline(stream, entry, ';');) {
        auto const equals = entry.find('=');
        if (equals == std::string::npos) continue;
        auto const strip = [](std::string const& part) {
            auto const first = part.find_first_not_of(" \t\r\n{");
            return first == std::string::npos ? std::string{} : part.substr(first, part.find_last_not_of(" \t\r\n") - first + 1);
        };
        auto key = strip(entry.substr(0, equals));
        std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        values[key] = strip(entry.substr(equals + 1));
    }
    return values;
}

/// Bytes per pixel and whether it is floating point, by EDF's name of the type.
std::pair<std::size_t, bool> edf_type(std::string const& name) {
    static std::map<std::string, std::pair<std::size_t, bool>> const types{
        {"UnsignedByte", {1, false}},    {"SignedByte", {1, false}},    {"UnsignedShort", {2, false}}, {"SignedShort", {2, false}},
        {"UnsignedInteger", {4, false}}, {"SignedInteger", {4, false}}, {"UnsignedLong", {4, false}},  {"SignedLong", {4, false}},
        {"Unsigned64", {8, false}},      {"Signed64", {8, false}},      {"FloatValue", {4, true}},     {"Float", {4, true}},
        {"DoubleValue", {8, true}}};
    auto const found = types.find(name);
    if (found == types.end()) throw bad("EDF data type '" + name + "'", "not one of the numeric types");
    return found->second;
}

std::size_t edf_number(std::map<std::string, std::string> const& header, std::string const& key) {
    auto const found = header.find(key);
    if (found == header.end() || found->second.empty() || found->second.find_first_not_of("0123456789") != std::string::npos) {
        throw bad("EDF header has no whole number '" + key + '\'', "needed to find the pixels");
    }
    return to_size(found->second);
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
    auto const end = bytes.find("}\n");
    if (bytes.find_first_not_of(" \t\r\n") == std::string::npos || bytes[bytes.find_first_not_of(" \t\r\n")] != '{' ||
        end == std::string::npos) {
        throw bad("not an EDF file", "no header between { and }");
    }
    auto const header = edf_header(bytes.substr(0, end));
    if (auto const compression = header.find("compression"); compression != header.end() && compression->second != "None") {
        throw bad("EDF compression '" + compression->second + '\'', "only uncompressed images are read");
    }
    PixelLayout layout;
    layout.cols = edf_number(header, "dim_1");
    layout.rows = edf_number(header, "dim_2");
    auto const type = header.find("datatype");
    std::tie(layout.bytes, layout.real) = edf_type(type == header.end() ? "" : type->second);
    auto const order = header.find("byteorder");
    layout.big_endian = order != header.end() && order->second == "HighByteFirst";
    return to_mask(bytes, end + 2, layout);
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
