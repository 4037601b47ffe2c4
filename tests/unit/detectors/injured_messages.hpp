// Messages with random injuries: a decoder reads or refuses them, and nothing else happens.
#pragma once

#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <random>
#include <span>
#include <utility>
#include <vector>

namespace sqd::test {

/// One byte changed (now and then to what stands in JSON), one more or one less.
inline void injure_byte(Bytes& bytes, std::mt19937& random) {
    if (bytes.empty()) return;
    constexpr char likely[] = "0123456789-e.[]{}\":,<>";
    auto const where = bytes.begin() + static_cast<std::ptrdiff_t>(random() % bytes.size());
    auto const any =
        random() % 2 == 0 ? static_cast<std::byte>(likely[random() % (sizeof likely - 1)]) : static_cast<std::byte>(random() & 0xFF);
    switch (random() % 4) {
    case 0: bytes.erase(where); break;
    case 1: bytes.insert(where, any); break;
    default: *where = any;
    }
}

/// One injury: bytes changed, cut or doubled, a part dropped, doubled or exchanged.
inline void injure(std::vector<MessagePart>& message, std::mt19937& random) {
    if (message.empty()) return;
    std::size_t const at = random() % message.size();
    Bytes bytes(message[at].bytes.begin(), message[at].bytes.end());
    switch (random() % 12) {
    case 0: message.erase(message.begin() + static_cast<std::ptrdiff_t>(at)); return;
    case 1: message.push_back(message[at]); return;
    case 2: std::swap(message[at], message[random() % message.size()]); return;
    case 3: bytes.resize(bytes.empty() ? 0 : random() % bytes.size()); break;
    case 4: bytes.insert(bytes.end(), bytes.begin(), bytes.end()); break;
    default: injure_byte(bytes, random);
    }
    message[at] = part(std::move(bytes));
}

struct Injured {
    int read = 0, refused = 0;
};

/// Decodes `runs` of the sound messages with one to three injuries each, images to their pixels.
inline Injured decode_injured(Decoder& decoder, std::vector<std::vector<MessagePart>> const& sound, unsigned seed, int runs) {
    std::mt19937 random(seed);
    Injured count;
    for (int i = 0; i < runs; ++i) {
        auto message = sound[random() % sound.size()];
        for (auto injuries = 1 + random() % 3; injuries > 0; --injuries) injure(message, random);
        try {
            auto const decoded = decoder.decode(message);
            if (decoded && std::holds_alternative<Frame>(*decoded)) {
                auto const& frame = std::get<Frame>(*decoded);
                if (frame.rows * frame.cols < 100'000) whole_image(*frame.tiles, frame.rows * frame.cols);
            }
            ++count.read;
        } catch (DecodeError const&) {
            ++count.refused;
        }
    }
    return count;
}

} // namespace sqd::test
