// Plain pixels of a file into what live data become.
#include "daemon/import/image_file.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/json_message.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

namespace sqd {

namespace {

void to_little_endian(std::vector<std::byte>& bytes, unsigned width) {
    for (std::size_t i = 0; i + width <= bytes.size(); i += width)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
}

template <class Bits, class Real>
void widen(std::vector<std::byte> const& bytes, std::vector<double>& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<double>(std::bit_cast<Real>(load_little<Bits>(bytes.data() + i * sizeof(Bits))));
}

FloatImage float_image(std::vector<std::byte> const& bytes, StoredPixels const& stored, std::string encoding) {
    FloatImage image;
    image.pixels = Image<double>(stored.rows, stored.cols);
    image.bits = 8 * stored.bytes;
    image.encoding = std::move(encoding);
    auto& out = image.pixels.pixels;
    if (!stored.is_real)
        stored.is_signed ? widen<std::uint64_t, std::int64_t>(bytes, out) : widen<std::uint64_t, std::uint64_t>(bytes, out);
    else
        stored.bytes == 4 ? widen<std::uint32_t, float>(bytes, out) : widen<std::uint64_t, double>(bytes, out);
    return image;
}

} // namespace

MessagePart owned_part(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<std::vector<std::byte> const>(std::move(bytes));
    return {*owner, owner};
}

void check_stored(StoredPixels const& stored, FileOptions const& options) {
    if (!stored.is_real && stored.bytes == 8 && !options.any_number)
        throw DecodeError(DecodeFault::unsupported, std::string("pixels of type ") + (stored.is_signed ? "int64" : "uint64") +
                                                        " (8, 16 and 32 bit integers are read) convert them, in Python .astype('uint32')");
    if (stored.is_real && stored.bytes != 4 && stored.bytes != 8)
        throw DecodeError(DecodeFault::unsupported,
                          "floating-point pixels of " + std::to_string(8 * stored.bytes) + " bits (32 and 64 are read)");
    if (stored.bytes != 1 && stored.bytes != 2 && stored.bytes != 4 && stored.bytes != 8)
        throw DecodeError(DecodeFault::unsupported,
                          "integer pixels of " + std::to_string(8 * stored.bytes) + " bits (8, 16 and 32 are read)");
    checked_pixels(stored.rows, stored.cols, stored.is_real ? unsigned{sizeof(double)} : stored.bytes, options.decoder.limits);
}

FileImage plain_image(std::vector<std::byte> bytes, StoredPixels const& stored, std::string encoding,
                      std::optional<std::uint64_t> saturation, FileOptions const& options) {
    check_stored(stored, options);
    if (bytes.size() != stored.size_bytes())
        throw DecodeError(bytes.size() < stored.size_bytes() ? DecodeFault::truncated : DecodeFault::mismatch,
                          std::to_string(bytes.size()) + " bytes of pixels (shape and type say " + std::to_string(stored.size_bytes()) +
                              ")");
    if (stored.big_endian) to_little_endian(bytes, stored.bytes);
    if (stored.is_real || stored.bytes == 8) return float_image(bytes, stored, std::move(encoding));
    Frame frame;
    frame.rows = stored.rows;
    frame.cols = stored.cols;
    frame.bits = 8 * stored.bytes;
    frame.is_signed = stored.is_signed;
    frame.encoding = std::move(encoding);
    frame.bytes = bytes.size();
    PixelFormat const format{stored.rows * stored.cols, stored.bytes,
                             largest_valid_count({stored.bytes, stored.is_signed}, saturation, options.decoder.pixels)};
    frame.tiles = std::make_shared<RawTiles>(owned_part(std::move(bytes)), format);
    return frame;
}

} // namespace sqd
