// Walks the blocks of a framed payload; every length is checked against what is left.
#include "detectors/codec/block_framing.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <string>

namespace sqd {

BlockLayout block_layout(std::size_t total, std::size_t block, std::size_t unit) {
    std::size_t const tail = total % unit;
    return {total, block, total / block, total % block - tail, tail};
}

BlockWalk::BlockWalk(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t unit)
    : rest_(payload), layout_(read_layout(expected_bytes, unit)) {
    require_lz4_ratio(payload.size(), expected_bytes);
}

BlockWalk::BlockWalk(std::span<std::byte const> payload, BlockLayout const& layout) : rest_(payload), layout_(layout) {
    require_lz4_ratio(payload.size(), layout.total);
}

BlockLayout BlockWalk::read_layout(std::size_t expected_bytes, std::size_t unit) {
    auto const header = take(framing_header_bytes);
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

std::span<std::byte const> BlockWalk::take(std::size_t bytes) {
    if (bytes > rest_.size())
        throw DecodeError(DecodeFault::truncated,
                          "payload ends early (" + std::to_string(bytes) + " bytes announced, " + std::to_string(rest_.size()) + " left)");
    auto const taken = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return taken;
}

std::span<std::byte const> BlockWalk::next() {
    return take(load_big<std::uint32_t>(take(block_length_bytes).data()));
}

std::span<std::byte const> BlockWalk::tail() {
    auto const bytes = take(layout_.tail);
    if (!rest_.empty()) throw DecodeError(DecodeFault::corrupt, std::to_string(rest_.size()) + " bytes after the last block");
    return bytes;
}

FramedBlocks index_blocks(BlockWalk walk) {
    FramedBlocks framed{walk.layout(), {}, {}};
    for (std::size_t i = 0; i < framed.layout.blocks(); ++i) framed.blocks.push_back(walk.next());
    framed.tail = walk.tail();
    return framed;
}

FramedBlocks index_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t unit) {
    return index_blocks(BlockWalk(payload, expected_bytes, unit));
}

bool has_framing_header(std::span<std::byte const> payload, std::size_t expected_bytes) {
    return payload.size() >= framing_header_bytes && load_big<std::uint64_t>(payload.data()) == expected_bytes;
}

FramedBlocks index_bare_blocks(std::span<std::byte const> payload, std::size_t expected_bytes, std::size_t block, std::size_t unit) {
    return index_blocks(BlockWalk(payload, block_layout(expected_bytes, block, unit)));
}

void decompress_framed_lz4(std::span<std::byte const> payload, std::span<std::byte> out) {
    BlockWalk walk(payload, out.size(), 1);
    for (std::size_t i = 0; i < walk.layout().blocks(); ++i) {
        auto const block = walk.next();
        auto const target = out.subspan(i * walk.layout().block, walk.layout().block_size(i));
        if (block.size() == target.size())
            std::ranges::copy(block, target.begin());
        else
            decompress_lz4_block(block, target);
    }
    walk.tail();
}

} // namespace sqd
