// Parts are found in blocks of rows, counted per block and bin, and put where their block's parts of their bin begin.
#include "pipeline/reduce/share_matrix.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

namespace {

constexpr std::size_t most_blocks = 16; ///< each counts all bins: 828 000 cells in 16 blocks are 50 MB

struct Block {
    FoundParts found;
    std::vector<std::uint32_t> at; ///< per bin: how many, then where the next goes, counted from the bin's first
    std::uint32_t most_bins = 0;
};

void count(Block& block, std::size_t bins) {
    block.at.assign(bins, 0);
    std::uint32_t pixel = 0, first = 0;
    for (std::size_t i = 0; i < block.found.size(); ++i) {
        auto const& part = block.found[i];
        ++block.at[part.bin];
        if (i == 0 || part.pixel != pixel) {
            pixel = part.pixel;
            first = part.bin;
        }
        block.most_bins = std::max(block.most_bins, part.bin >= first ? part.bin - first + 1 : first - part.bin + 1);
    }
}

void place(Block& block, ShareMatrix& out) {
    for (std::size_t i = 0; i < block.found.size(); ++i) {
        auto const& [pixel, bin, share] = block.found[i];
        std::size_t const to = out.first[bin] + block.at[bin]++;
        auto const single = static_cast<float>(share);
        out.parts[to] = {pixel, single};
        if (!out.rest.empty()) out.rest[to] = static_cast<float>(share - static_cast<double>(single));
        if (out.next.empty()) continue;
        bool const goes_on = i + 1 < block.found.size() && block.found[i + 1].pixel == pixel && block.found[i + 1].bin == bin + 1;
        out.next[to] = goes_on ? static_cast<float>(block.found[i + 1].share) : 0;
    }
    block = {}; // half of the memory is free before the last block is placed
}

} // namespace

ShareMatrix share_matrix(std::size_t rows, std::size_t cols, std::size_t bins, Beside beside, FindParts const& find,
                         ParallelFor const& parallel_for) {
    std::vector<Block> blocks(std::min(rows, most_blocks));
    parallel_for(blocks.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t k = begin; k < end; ++k) {
            find(rows * k / blocks.size(), rows * (k + 1) / blocks.size(), blocks[k].found);
            count(blocks[k], bins);
        }
    });
    ShareMatrix out;
    out.image_pixels = rows * cols;
    out.first.assign(bins + 1, 0);
    for (std::size_t b = 0; b < bins; ++b) {
        std::uint32_t in_bin = 0;
        for (auto& block : blocks) in_bin += std::exchange(block.at[b], in_bin);
        out.first[b + 1] = out.first[b] + in_bin;
    }
    for (auto const& block : blocks) out.most_bins = std::max(out.most_bins, block.most_bins);
    out.parts.resize(out.first.back());
    if (beside == Beside::next) out.next.resize(out.first.back());
    if (beside == Beside::rest) out.rest.resize(out.first.back());
    parallel_for(blocks.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t k = begin; k < end; ++k) place(blocks[k], out);
    });
    return out;
}

} // namespace sqd
