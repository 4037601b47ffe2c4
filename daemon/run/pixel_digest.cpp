#include "daemon/run/pixel_digest.hpp"

#include "daemon/run/hashes.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstring>

namespace sqd {
namespace {

std::uint32_t pixel(Tile const& tile, std::size_t i) {
    switch (tile.lane) {
    case Lane::u8: return static_cast<std::uint32_t>(tile.pixels[i]);
    case Lane::u16: {
        std::uint16_t value = 0;
        std::memcpy(&value, tile.pixels.data() + 2 * i, 2);
        return value;
    }
    case Lane::u32: break;
    }
    std::uint32_t value = 0;
    std::memcpy(&value, tile.pixels.data() + 4 * i, 4);
    return value;
}

} // namespace

std::string pixels_of(Frame const& frame) {
    PixelScratch scratch;
    frame.tiles->prepare(scratch);
    std::size_t const pixels = frame.rows * frame.cols, bytes = frame.bits / 8;
    std::string out(pixels * bytes, '\0');
    Tile tile;
    for (std::size_t first = 0; first < pixels; first += tile_pixels) {
        frame.tiles->read(first / tile_pixels, tile);
        for (std::size_t i = 0; i < std::min(tile_pixels, pixels - first); ++i) {
            bool const invalid = ((tile.invalid[i / 64] >> (i % 64)) & 1U) != 0;
            std::uint32_t const value = invalid ? 0xffffffffU : pixel(tile, i);
            std::memcpy(out.data() + (first + i) * bytes, &value, bytes);
        }
    }
    return out;
}

PixelDigest::PixelDigest(std::string const& path) : out_(path) {
    if (!out_) throw IoError(path + ": cannot be written", true);
    out_ << "series\tframe\tbits\tsha256\n" << std::flush;
}

void PixelDigest::write(Frame const& frame) {
    std::string digest;
    try {
        digest = sha256_hex(pixels_of(frame));
    } catch (DecodeError const& error) {
        digest = std::string("error: ") + error.what();
    }
    out_ << frame.series.series_id << '\t' << frame.number << '\t' << frame.bits << '\t' << digest << '\n' << std::flush;
}

} // namespace sqd
