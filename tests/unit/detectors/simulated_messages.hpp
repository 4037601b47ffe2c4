// Hands the simulated detectors' messages to decoders, and looks at what comes out.
#pragma once

#include "detectors/decoder.hpp"
#include "detectors/simulated/message.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sqd::test {

/// The message as a socket would deliver it.
inline std::vector<MessagePart> received(simulated::Message const& message) {
    std::vector<MessagePart> parts;
    for (auto const& part : message) {
        auto const owner = std::make_shared<simulated::Part const>(part);
        parts.push_back({std::span(*owner), owner});
    }
    return parts;
}

/// Pixels of a frame, invalid ones all-ones as the simulated detectors send them.
inline std::vector<std::uint32_t> pixels_of(TileReader& tiles, std::size_t count) {
    auto image = whole_image(tiles, count);
    for (std::size_t i = 0; i < count; ++i)
        if (image.invalid[i]) image.pixels[i] = 0xffffffffU;
    return image.pixels;
}

} // namespace sqd::test
