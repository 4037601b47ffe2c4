// NEP 1: the format of .npy files.
#include "detectors/codec/npy_header.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <regex>
#include <string>

namespace sqd {

namespace {

constexpr std::size_t longest_header = 8192; // of an array of plain numbers it has some hundred bytes
constexpr std::size_t most_numbers = std::size_t{1} << 40;

[[noreturn]] void fail(std::string const& problem, std::string const& why) {
    throw DataError(problem + " (" + why + ") save it again with numpy.save");
}

/// The dictionary's text, and where the numbers begin.
std::string dictionary(std::string_view bytes, std::size_t& offset) {
    using namespace std::string_view_literals;
    constexpr std::size_t version_at = 6, length_at = 8;
    if (bytes.size() < length_at + 4 || !bytes.starts_with("\x93NUMPY"sv)) fail("not a NumPy file", "it does not start with \\x93NUMPY");
    auto const version = static_cast<unsigned char>(bytes[version_at]);
    if (version < 1 || version > 3) fail("NumPy format version " + std::to_string(version), "known: 1, 2, 3");
    std::size_t const width = version == 1 ? 2 : 4;
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + length_at, width);
    if (length > longest_header) fail("header of " + std::to_string(length) + " bytes", "not an image");
    offset = length_at + width + length;
    if (bytes.size() < offset) fail("file ends early", "inside the header");
    return std::string(bytes.substr(length_at + width, length));
}

std::size_t to_size(std::string const& digits) {
    constexpr std::size_t longest = 9;
    if (digits.size() > longest) fail("dimension " + digits, "not an image");
    return std::stoul(digits);
}

} // namespace

NpyHeader parse_npy_header(std::string_view bytes) {
    return parse_npy_header(bytes, bytes.size());
}

NpyHeader parse_npy_header(std::string_view bytes, std::uint64_t file_bytes) {
    NpyHeader out;
    std::string const text = dictionary(bytes, out.offset);
    static std::regex const type("'descr'\\s*:\\s*'([<>|=])([biuf])([1248])'");
    static std::regex const order("'fortran_order'\\s*:\\s*(True|False)");
    static std::regex const shape("'shape'\\s*:\\s*\\(([^)]*)\\)"), number("\\d+");
    std::smatch types, orders, shapes;
    constexpr std::size_t excerpt = 80;
    if (!std::regex_search(text, types, type)) fail("pixel type is not a plain number", text.substr(0, excerpt));
    if (!std::regex_search(text, orders, order)) fail("header has no fortran_order", text.substr(0, excerpt));
    if (!std::regex_search(text, shapes, shape)) fail("header has no shape", text.substr(0, excerpt));
    out.kind = types[2].str()[0];
    out.bytes = to_size(types[3]);
    out.big_endian = types[1] == ">";
    out.column_major = orders[1] == "True";
    std::string const list = shapes[1];
    std::size_t count = 1;
    for (std::sregex_iterator at(list.begin(), list.end(), number); at != std::sregex_iterator(); ++at) {
        out.shape.push_back(to_size(at->str()));
        std::size_t const side = std::max<std::size_t>(out.shape.back(), 1);
        if (side > most_numbers / count) fail("shape (" + list + ")", "not an image");
        count *= side;
    }
    for (std::size_t const n : out.shape) count = n == 0 ? 0 : count;
    if ((file_bytes - out.offset) / out.bytes < count) {
        fail("file ends early", "header promises " + std::to_string(count * out.bytes) + " bytes of pixels");
    }
    return out;
}

} // namespace sqd
