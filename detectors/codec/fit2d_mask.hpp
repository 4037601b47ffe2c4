// FIT2D's mask files (.msk): one bit per pixel behind a header of 1024 bytes.
#pragma once

#include "pipeline/core/image.hpp"

#include <cstddef>
#include <span>

namespace sqd {

/// Bytes of the header; the pixels begin behind it.
inline constexpr std::size_t fit2d_mask_header = 1024;

/// Little-endian words of 32 bits. The first four begin with the letters M, A, S and K, the next two are columns and rows; then rows one
/// after another in the file's order, each filled up to whole words, the lowest bit of a byte first; 1 = masked.
/// Throws DecodeError: malformed where the letters or a size are not there, oversized beyond `most_pixels`, truncated where rows are
/// missing.
Mask parse_fit2d_mask(std::span<std::byte const> file, std::size_t most_pixels);

} // namespace sqd
