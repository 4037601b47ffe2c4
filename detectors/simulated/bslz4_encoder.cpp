#include "detectors/simulated/bslz4_encoder.hpp"

#include "detectors/simulated/pixel_bytes.hpp"

#include <lz4.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

namespace sqd::simulated {

namespace {

constexpr std::size_t block_bytes = bslz4_block_pixels * sizeof(std::uint32_t);
constexpr std::size_t most_block_pixels = block_bytes; ///< of 8 bits
constexpr std::size_t group = 8;                       ///< bitshuffle turns eight elements at a time

/// Transposes an 8 x 8 bit matrix, row i = byte i: afterwards bit i of byte k was bit k of byte i.
constexpr std::uint64_t transpose_8x8(std::uint64_t x) {
    std::uint64_t t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aaULL;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000cccc0000ccccULL;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0ULL;
    return x ^ t ^ (t << 28);
}

/// The eight bit planes of byte `j` of the pixels (a multiple of 8 of them), count / 8 bytes each.
void byte_planes(std::span<std::uint32_t const> pixels, unsigned j, std::uint8_t* planes) {
    std::array<std::uint8_t, most_block_pixels> bytes;
    for (std::size_t i = 0; i < pixels.size(); ++i) bytes[i] = static_cast<std::uint8_t>(pixels[i] >> (8 * j));
    auto const stride = pixels.size() / group;
    for (std::size_t i = 0; i < stride; ++i) {
        std::uint64_t x;
        std::memcpy(&x, bytes.data() + group * i, sizeof x);
        x = transpose_8x8(x);
        for (std::size_t k = 0; k < group; ++k) planes[k * stride + i] = static_cast<std::uint8_t>(x >> (8 * k));
    }
}

/// The plane of bit 31.
void sign_plane(std::span<std::uint32_t const> pixels, std::uint8_t* plane) {
    std::array<std::uint8_t, bslz4_block_pixels> signs;
    for (std::size_t i = 0; i < pixels.size(); ++i) signs[i] = static_cast<std::uint8_t>(pixels[i] >> 31);
    for (std::size_t i = 0; i < pixels.size() / group; ++i) {
        std::uint64_t x;
        std::memcpy(&x, signs.data() + group * i, sizeof x);
        plane[i] = static_cast<std::uint8_t>((x * 0x0102040810204080ULL) >> 56); // gathers the lowest bits of eight bytes
    }
}

/// True when the upper 24 bits of every pixel are those of its bit 31: pixels of 8 bits, or all-ones.
bool upper_bits_alike(std::span<std::uint32_t const> pixels) {
    std::uint32_t different = 0;
    for (auto const pixel : pixels) different |= (pixel ^ (0U - (pixel >> 31))) >> 8;
    return different == 0;
}

void repeat_plane(std::uint8_t* first, std::size_t bytes, std::size_t planes) {
    for (std::size_t k = 1; k < planes; ++k) std::memcpy(first + k * bytes, first, bytes);
}

} // namespace

struct Bslz4Encoder::Scratch {
    std::array<std::uint8_t, block_bytes> planes;
    std::array<char, LZ4_COMPRESSBOUND(block_bytes)> compressed;
    std::vector<std::uint64_t> lz4_state = std::vector<std::uint64_t>(static_cast<std::size_t>(LZ4_sizeofState()) / 8 + 1);
};

Bslz4Encoder::Bslz4Encoder(std::size_t image_pixels, unsigned bits)
    : image_pixels_(image_pixels), pixel_bytes_(bits / 8), scratch_(std::make_unique<Scratch>()) {
    assert(bits == 8 || bits == 16 || bits == 32);
    start(0);
}
Bslz4Encoder::~Bslz4Encoder() = default;
Bslz4Encoder::Bslz4Encoder(Bslz4Encoder&&) noexcept = default;
Bslz4Encoder& Bslz4Encoder::operator=(Bslz4Encoder&&) noexcept = default;

void Bslz4Encoder::start(std::size_t expected_size) {
    payload_ = {};
    payload_.reserve(expected_size + expected_size / 16 + 64);
    pixels_added_ = 0;
    append_big_endian(payload_, image_pixels_ * pixel_bytes_, 8);
    append_big_endian(payload_, block_bytes, 4);
}

void Bslz4Encoder::compress(std::span<std::uint32_t const> pixels) {
    auto const count = pixels.size();
    auto* const planes = scratch_->planes.data();
    byte_planes(pixels, 0, planes);
    if (pixel_bytes_ == sizeof(std::uint32_t) && upper_bits_alike(pixels)) {
        sign_plane(pixels, planes + count);
        repeat_plane(planes + count, count / group, 8 * (sizeof(std::uint32_t) - 1));
    } else {
        for (unsigned j = 1; j < pixel_bytes_; ++j) byte_planes(pixels, j, planes + j * count);
    }
    auto const size = LZ4_compress_fast_extState(scratch_->lz4_state.data(), reinterpret_cast<char const*>(scratch_->planes.data()),
                                                 scratch_->compressed.data(), static_cast<int>(count * pixel_bytes_),
                                                 static_cast<int>(scratch_->compressed.size()), 1);
    assert(size > 0);
    append_big_endian(payload_, static_cast<std::uint64_t>(size), 4);
    auto const bytes = std::as_bytes(std::span(scratch_->compressed.data(), static_cast<std::size_t>(size)));
    payload_.insert(payload_.end(), bytes.begin(), bytes.end());
}

void Bslz4Encoder::add(std::span<std::uint32_t const> block) {
    assert(block.size() == std::min(bslz4_block_pixels, image_pixels_ - pixels_added_));
    pixels_added_ += block.size();
    if (pixel_bytes_ == sizeof(std::uint32_t))
        append_block(block);
    else
        collect(block);
}

/// Narrow pixels wait until they fill a block of 8 KiB.
void Bslz4Encoder::collect(std::span<std::uint32_t const> pixels) {
    for (auto const pixel : pixels) collected_.push_back(narrowed(pixel, pixel_bytes_));
    if (collected_.size() < block_bytes / pixel_bytes_ && pixels_added_ < image_pixels_) return;
    append_block(collected_);
    collected_.clear();
}

void Bslz4Encoder::append_block(std::span<std::uint32_t const> block) {
    auto const whole_groups = block.size() / group * group;
    if (whole_groups > 0) compress(block.first(whole_groups));
    append_pixels(payload_, block.subspan(whole_groups), pixel_bytes_);
}

Part Bslz4Encoder::finish() {
    assert(pixels_added_ == image_pixels_);
    Part done = std::move(payload_);
    start(done.size()); // images of a series are alike
    return done;
}

Part encode_bslz4(std::span<std::uint32_t const> pixels, unsigned bits) {
    Bslz4Encoder encoder(pixels.size(), bits);
    for (std::size_t i = 0; i < pixels.size(); i += bslz4_block_pixels)
        encoder.add(pixels.subspan(i, std::min(bslz4_block_pixels, pixels.size() - i)));
    return encoder.finish();
}

} // namespace sqd::simulated
