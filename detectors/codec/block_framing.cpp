// Walks the blocks of a framed payload; every length is checked against what is left.
#include "detectors/codec/block_framing.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <string>

namespace sqd {

namespace {

/// Takes bytes from the front of a payload.
class ByteSource {
public:
    explicit ByteSource(std::span<std::byte const> rest) : rest_(rest) {}
    std::span<std::byte const> take(std::size_t bytes) {
        if (bytes > rest_.size())
            throw DecodeError(DecodeFault::truncated, "payload ends early (" + std::to_string(bytes) + " bytes announced, " +
                                                          std::to_string(rest_.size()) + " left)");
        auto const taken = rest_.first(bytes);
        rest_ = rest_.subspan(bytes);
        return taken;
    }
    std::size_t left() const { return rest_.size(); }

private:
    std::span<std::byte const> rest_;
};

BlockLayout read_layout(ByteSource& source, std::size_t expected_bytes, std::size_t unit) {
    auto const header = source.take(framing_header_bytes);
    auto const total = load_big<std::uint64_t>(header.data());
    std::size_t const block = load_big<std::uint32_t>(header.data() + 8);
    if (total != expected_bytes)
        throw DecodeError(DecodeFault::mismatch, "compressed payload claims " + std::to_string(total) +
                                                     " bytes of pixels (shape and type say " + std::to_string(expected_bytes) + ")");
    if (total == 0 && block == 0) return {};
    if (block == 0 || block % unit != 0)
        throw DecodeError(DecodeFault::corrupt,
                          "block size " + std::to_string(block) + " (must be a multiple of " + std::to_string(unit) + " bytes)");
    return block_layout(expected_bytes, block, unit);
}

/// Takes the blocks and the tail of this layout, which must use the payload up.
FramedBlocks walk(ByteSource& source, BlockLayout const& layout) {
    FramedBlocks framed{layout, {}, {}};
    // A block takes at least its length word: a small payload cannot make this grow.
    framed.blocks.reserve(std::min(layout.blocks(), source.left() / block_length_bytes));
    for (std::size_t i = 0; i < layout.blocks(); ++i) {
        auto const length = load_big<std::uint32_t>(source.take(block_length_bytes).data());
        framed.blocks.push_back(source.take(length));
    }
    framed.tail = source.take(layout.tail);
    if (source.left() != 0) throw DecodeError(DecodeFault::corrupt, std::to_string(source.left()) + " bytes after the last block");
    return framed;
}

} // namespace

BlockLayout block_layout(std::size_t total, std::size_t block, std::size_t unit) {
    std::size_t const tail = total % unit;
    return {total, block, total / block, total % block - tail, tail};
}

FramedBlocks index_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t unit) {
    ByteSource source(payload);
    auto const layout = read_layout(source, expected_bytes, unit);
    return walk(source, layout);
}

bool has_framing_header(std::span<std::byte const> payload, std::size_t expected_bytes) {
    return payload.size() >= framing_header_bytes && load_big<std::uint64_t>(payload.data()) == expected_bytes;
}

FramedBlocks index_bare_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t block, std::size_t unit) {
    ByteSource source(payload);
    return walk(source, block_layout(expected_bytes, block, unit));
}

void decompress_framed_lz4(std::span<std::byte const> payload, std::span<std::byte> out) {
    auto const framed = index_blocks(payload, out.size(), 1);
    for (std::size_t i = 0; i < framed.blocks.size(); ++i) {
        auto const block = framed.blocks[i];
        auto const target = out.subspan(i * framed.layout.block, framed.layout.block_size(i));
        if (block.size() == target.size())
            std::ranges::copy(block, target.begin());
        else
            decompress_lz4_block(block, target);
    }
}

} // namespace sqd
