// Compresses images as DECTRIS detectors do: bitshuffle + LZ4 in blocks of 8 KiB behind the 12-byte HDF5 header.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sqd::simulated {

inline constexpr std::size_t bslz4_block_pixels = 2048; ///< 8192 bytes of 32-bit pixels

/// One image, block by block. Layout (big-endian words): u64 bytes of the image, u32 block size, then per block u32 compressed
/// size and LZ4 data; the last pixels that do not fill a group of eight follow raw. Pixels have 8, 16 or 32 bits; larger
/// counts become the largest value of their type, which means overflow.
/// 32-bit pixels of a block that fit 8 bits, or are all-ones, take a fast path with the same bytes as result.
class Bslz4Encoder {
public:
    explicit Bslz4Encoder(std::size_t image_pixels, unsigned bits = 32);
    ~Bslz4Encoder();
    Bslz4Encoder(Bslz4Encoder&&) noexcept;
    Bslz4Encoder& operator=(Bslz4Encoder&&) noexcept;

    /// The next bslz4_block_pixels pixels, or all that are left (assert).
    void add(std::span<std::uint32_t const> block);
    /// The whole payload after the last pixel (assert); the encoder then starts the next image of the same size.
    Part finish();

private:
    void start(std::size_t expected_size);
    void collect(std::span<std::uint32_t const> pixels);
    void append_block(std::span<std::uint32_t const> block);
    void compress(std::span<std::uint32_t const> pixels);

    struct Scratch;
    std::size_t image_pixels_, pixels_added_ = 0;
    unsigned pixel_bytes_;
    std::unique_ptr<Scratch> scratch_;
    std::vector<std::uint32_t> collected_; ///< pixels of a block of more than bslz4_block_pixels
    Part payload_;
};

/// A whole image at once.
Part encode_bslz4(std::span<std::uint32_t const> pixels, unsigned bits = 32);

} // namespace sqd::simulated
