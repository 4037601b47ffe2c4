// Memory for a frame that is unpacked as a whole.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace sqd {

/// Kept from frame to frame: of new memory every page is a fault of its own, which costs more than unpacking into it.
class PixelScratch {
public:
    /// `bytes` of it, holding anything, aligned for any pixel type. What was handed out before is gone.
    std::span<std::byte> of(std::size_t bytes) {
        if (bytes > held_) {
            held_ = 0;
            memory_.reset(); // first, so that never both are held
            memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
            held_ = bytes;
        }
        return {memory_.get(), bytes};
    }

private:
    std::unique_ptr<std::byte[]> memory_;
    std::size_t held_ = 0;
};

} // namespace sqd
