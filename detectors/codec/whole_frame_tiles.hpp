// Reads frames whose format has no tiles: decoded as a whole first, or not packed at all.
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace sqd {

/// Raw little-endian pixels, read where they lie in the message.
class RawTiles final : public TileReader {
public:
    RawTiles(MessagePart payload, PixelFormat const& format) : payload_(std::move(payload)), format_(format) {}
    void prepare(PixelScratch& scratch) override;
    void read(std::size_t tile, Tile& out) const override;

private:
    MessagePart payload_;
    PixelFormat format_;
};

/// Writes all pixels of a frame, little-endian and row-major, or throws DecodeError.
using UnpackFrame = void (*)(std::span<std::byte const> payload, std::span<std::byte> pixels);

/// A frame that prepare() unpacks: bare LZ4 (decompress_lz4_block), HDF5's LZ4 (decompress_framed_lz4).
class UnpackedTiles final : public TileReader {
public:
    UnpackedTiles(MessagePart payload, PixelFormat const& format, UnpackFrame unpack)
        : payload_(std::move(payload)), format_(format), unpack_(unpack) {}
    std::size_t working_bytes() const override { return format_.frame_bytes(); }
    void prepare(PixelScratch& scratch) override;
    void read(std::size_t tile, Tile& out) const override;

private:
    MessagePart payload_;
    PixelFormat format_;
    UnpackFrame unpack_;
    std::byte const* pixels_ = nullptr;
};

} // namespace sqd
