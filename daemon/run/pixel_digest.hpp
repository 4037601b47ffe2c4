// An audit of the pixels: the SHA-256 of every image as the sums see it, to be held against the detector's own file.
#pragma once

#include "pipeline/core/frame.hpp"

#include <fstream>
#include <string>

namespace sqd {

/// One line per image: series, frame, bits, SHA-256 of its little-endian pixels put together from tiles; pixels that count as
/// invalid are written as the detector's sentinel, all ones. "error: ..." instead of the hash when the image cannot be decoded.
class PixelDigest {
public:
    /// Throws IoError when the file cannot be written.
    explicit PixelDigest(std::string const& path);
    void write(Frame const& frame);

private:
    std::ofstream out_;
};

/// The image as little-endian bytes of `frame.bits` per pixel. Throws DecodeError.
std::string pixels_of(Frame const& frame);

} // namespace sqd
