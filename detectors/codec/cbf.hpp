// camserver's CBF files: mini-CBF header and byte-offset compression (CBFlib 0.7.8, International Tables for Crystallography G 5.6).
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sqd {

/// What the text before the pixels says; views into the file.
struct CbfImage {
    std::size_t rows = 0, cols = 0;
    std::span<std::byte const> packed;         ///< the byte-offset data
    std::string_view md5_base64;               ///< of `packed`; empty = not stated
    std::string_view header;                   ///< all text before the pixels
    std::optional<std::uint64_t> count_cutoff; ///< largest count that is not an overflow, from the "# Count_cutoff" line
};

/// What the "# Count_cutoff" line of a header says, in a CBF or another file of camserver's.
std::optional<std::uint64_t> stated_count_cutoff(std::string_view header);

/// Finds the pixels in a whole CBF file. Throws DecodeError: malformed or unsupported text, truncated data.
CbfImage parse_cbf(std::span<std::byte const> file);

/// Throws DecodeError (corrupt) where the pixels' MD5 is not the one that the file states; none stated is none to differ.
void check_md5(CbfImage const& image);

/// Byte-offset decoding: each pixel is the one before plus a difference of 1, 2, 4 or 8 bytes, the longer ones announced by the
/// most negative value of the shorter. Sums wrap at 32 bits. Throws DecodeError (truncated, corrupt) unless `packed` is used up exactly.
void decode_byte_offset(std::span<std::byte const> packed, std::span<std::uint32_t> pixels);

/// One frame that is a whole CBF file; decoded by prepare(), which also checks its shape and, where stated, its MD5.
class CbfTiles final : public TileReader {
public:
    CbfTiles(MessagePart file, std::size_t rows, std::size_t cols, PixelRule rule = PixelRule::counts)
        : file_(std::move(file)), rows_(rows), cols_(cols), rule_(rule) {}
    std::size_t working_bytes() const override { return rows_ * cols_ * sizeof(std::uint32_t); }
    void prepare(PixelScratch& scratch) override;
    void read(std::size_t tile, Tile& out) const override;

private:
    MessagePart file_;
    std::size_t rows_, cols_;
    PixelRule rule_;
    PixelFormat format_;
    std::byte const* pixels_ = nullptr;
};

} // namespace sqd
