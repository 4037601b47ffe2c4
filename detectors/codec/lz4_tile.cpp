#include "detectors/codec/lz4_tile.hpp"

#include "pipeline/core/errors.hpp"

#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>

namespace sqd {

namespace {

constexpr std::size_t word = 16; ///< bytes moved at once
constexpr std::size_t least_match = 4, long_length = 15;

using Bytes [[gnu::vector_size(word)]] = std::uint8_t;
using BytesInMemory [[gnu::vector_size(word), gnu::aligned(1), gnu::may_alias]] = std::uint8_t;

[[gnu::always_inline]] inline void load(std::byte const* from, Bytes& to) {
    to = *reinterpret_cast<BytesInMemory const*>(from);
}
[[gnu::always_inline]] inline void store(Bytes const& from, std::byte* to) {
    *reinterpret_cast<BytesInMemory*>(to) = from;
}

/// How a copy that overlaps itself goes on: byte i of what repeats with period p is byte i % p. From p = 16 on nothing overlaps in a word.
struct Repeats {
    alignas(word) std::uint8_t first[word + 1][word]{}, second[word + 1][word]{};
    std::size_t step[word + 1]{}; ///< the largest multiple of p that a word holds

    constexpr Repeats() {
        for (std::size_t p = 1; p <= word; ++p) {
            for (std::size_t i = 0; i < word; ++i) {
                first[p][i] = static_cast<std::uint8_t>(i % p);
                second[p][i] = static_cast<std::uint8_t>((word + i) % p);
            }
            step[p] = word / p * p;
        }
    }
};
constexpr Repeats repeats;

/// A byte moved for each place of `order`.
[[gnu::always_inline]] inline void pick(Bytes const& from, std::uint8_t const (&order)[word], Bytes& to) {
#if __has_builtin(__builtin_shuffle)
    to = __builtin_shuffle(from, *reinterpret_cast<BytesInMemory const*>(order));
#else
    for (std::size_t i = 0; i < word; ++i) to[i] = from[order[i]];
#endif
}

/// What is added to a length whose first four bits are full. False at the end of the input.
[[gnu::always_inline]] inline bool extend(std::byte const*& in, std::byte const* end, std::size_t& length) {
    std::size_t more = 0xFF;
    while (more == 0xFF) {
        if (in == end) return false;
        more = std::to_integer<std::size_t>(*in++);
        length += more;
    }
    return true;
}

[[gnu::always_inline]] inline void copy_words(std::byte const* from, std::byte* to, std::byte const* end) {
    do {
        Bytes bytes;
        load(from, bytes);
        store(bytes, to);
        from += word;
        to += word;
    } while (to < end);
}

/// Whether a machine has an instruction for pick(). Without it, copies that overlap are made byte by byte.
enum class PickBy { instruction, loop };

/// Writes two words at `to` as if copied byte by byte from `offset` bytes before: enough for the short matches, of at most 18 bytes.
template <PickBy Pick>
[[gnu::always_inline]] inline void copy_short(std::byte const* from, std::size_t offset, std::byte* to) {
    if (Pick == PickBy::loop && offset < word) {
        for (std::size_t i = 0; i < word + least_match; ++i) to[i] = from[i];
        return;
    }
    std::size_t const period = offset < word ? offset : word;
    Bytes seen, repeated;
    load(from, seen);
    if constexpr (Pick == PickBy::instruction) pick(seen, repeats.first[period], repeated);
    store(Pick == PickBy::instruction ? repeated : seen, to);
    load(offset < word ? from : from + word, seen);
    if constexpr (Pick == PickBy::instruction) pick(seen, repeats.second[period], repeated);
    store(Pick == PickBy::instruction ? repeated : seen, to + word);
}

/// Repeats the `offset` < word bytes before `to` up to `end` and at most a word beyond.
template <PickBy Pick>
[[gnu::always_inline]] inline void repeat(std::byte const* from, std::size_t offset, std::byte* to, std::byte const* end) {
    Bytes repeated;
    if constexpr (Pick == PickBy::instruction) {
        Bytes seen;
        load(from, seen);
        pick(seen, repeats.first[offset], repeated);
    } else {
        for (std::size_t i = 0; i < word; ++i) repeated[i] = std::to_integer<std::uint8_t>(from[repeats.first[offset][i]]);
    }
    for (; to < end; to += repeats.step[offset]) store(repeated, to);
}

/// True when the block gives exactly `size` bytes. Writes up to 2 words beyond them, reads nothing beyond the block.
template <PickBy Pick>
[[gnu::always_inline]] inline bool decompress(std::span<std::byte const> block, std::byte* const out, std::size_t size) {
    constexpr std::ptrdiff_t spare = 2 * word; // of the input, for reading words
    std::byte const* in = block.data();
    std::byte const* const in_end = in + block.size();
    std::byte* to = out;
    std::byte* const out_end = out + size;
    while (in != in_end) {
        auto const token = std::to_integer<std::size_t>(*in++);
        std::size_t literals = token >> 4, match = token & long_length;
        if (literals < long_length && in_end - in >= spare) {
            copy_words(in, to, to);
            in += literals;
            to += literals;
            if (to > out_end) return false;
        } else {
            if (literals == long_length && !extend(in, in_end, literals)) return false;
            auto const left = static_cast<std::size_t>(in_end - in);
            if (left < literals || static_cast<std::size_t>(out_end - to) < literals) return false;
            if (left >= literals + word)
                copy_words(in, to, to + literals);
            else if (literals > 0)
                std::memcpy(to, in, literals);
            in += literals;
            to += literals;
            if (in == in_end) return to == out_end;
            if (in_end - in < 2) return false;
        }
        std::size_t const offset = std::to_integer<std::size_t>(in[0]) | std::to_integer<std::size_t>(in[1]) << 8;
        in += 2;
        if (offset == 0 || offset > static_cast<std::size_t>(to - out)) return false;
        std::byte const* const from = to - offset;
        bool const long_match = match == long_length;
        if (long_match && !extend(in, in_end, match)) return false;
        match += least_match;
        if (static_cast<std::size_t>(out_end - to) < match) return false;
        std::byte* const end = to + match;
        if (!long_match)
            copy_short<Pick>(from, offset, to);
        else if (offset >= word)
            copy_words(from, to, end);
        else
            repeat<Pick>(from, offset, to, end);
        to = end;
    }
    return false; // a block ends with literals
}

bool decompress_portable(std::span<std::byte const> block, std::byte* out, std::size_t size) {
    return decompress<PickBy::loop>(block, out, size);
}
#if defined(__x86_64__)
[[gnu::target("avx2,bmi,bmi2")]] bool decompress_avx2(std::span<std::byte const> block, std::byte* out, std::size_t size) {
    return decompress<PickBy::instruction>(block, out, size);
}
#endif

bool decompress_by(CpuTier tier, std::span<std::byte const> block, std::byte* out, std::size_t size) {
#if defined(__x86_64__)
    if (tier >= CpuTier::avx2) return decompress_avx2(block, out, size); // words of 16 bytes gain nothing from more
#endif
    return decompress_portable(block, out, size);
}

} // namespace

void decompress_lz4_tile(std::span<std::byte const> block, std::size_t bytes, BlockMemory& out, CpuTier tier) {
    static_assert(BlockMemory::slack >= 3 * word);
    assert(bytes <= out.bytes.size() - BlockMemory::slack);
    if (!decompress_by(tier, block, out.bytes.data(), bytes))
        throw DecodeError(DecodeFault::corrupt,
                          "LZ4 block of " + std::to_string(block.size()) + " bytes does not give " + std::to_string(bytes) + " bytes");
}

} // namespace sqd
