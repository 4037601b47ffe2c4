// One text of every loop, which the compiler turns into the vector code of each tier; AVX-512 has an instruction for the bit transpose.
#include "detectors/codec/plane_kernels.hpp"

#include "pipeline/core/vector_instructions.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sqd {

namespace {

/// Words that one instruction takes at once. Memory is read and written through a type of its own: a memcpy would be cut into pieces for
/// the lowest tier before the loop becomes part of a higher one.
template <std::size_t Words>
struct Lanes {
    using Vector [[gnu::vector_size(8 * Words)]] = std::uint64_t;
    using InMemory [[gnu::vector_size(8 * Words), gnu::aligned(1), gnu::may_alias]] = std::uint64_t;
};

template <std::size_t Words>
[[gnu::always_inline]] inline void load(void const* from, typename Lanes<Words>::Vector& to) {
    to = *static_cast<typename Lanes<Words>::InMemory const*>(from);
}
template <std::size_t Words>
[[gnu::always_inline]] inline void store(typename Lanes<Words>::Vector const& from, void* to) {
    *static_cast<typename Lanes<Words>::InMemory*>(to) = from;
}

/// Exchanges the blocks of `Shift` columns that lie crosswise in rows a and a + Distance, for all such pairs of rows.
template <std::size_t Distance, int Shift, class V>
[[gnu::always_inline]] inline void exchange(V (&rows)[8], std::uint64_t mask) {
    for (std::size_t row = 0; row < 8; ++row) {
        if (row & Distance) continue;
        V const t = (rows[row] >> Shift ^ rows[row + Distance]) & mask;
        rows[row + Distance] ^= t;
        rows[row] ^= t << Shift;
    }
}

/// Eight planes of 64 pixels per word become those pixels as bytes. First the 8 x 8 bits within every byte column are transposed (row m
/// then holds pixels 8 g + m), then the 8 x 8 bytes.
template <class V>
[[gnu::always_inline]] inline void planes_to_bytes(V (&rows)[8]) {
    exchange<4, 4>(rows, 0x0F0F0F0F0F0F0F0F);
    exchange<2, 2>(rows, 0x3333333333333333);
    exchange<1, 1>(rows, 0x5555555555555555);
    exchange<4, 32>(rows, 0x00000000FFFFFFFF);
    exchange<2, 16>(rows, 0x0000FFFF0000FFFF);
    exchange<1, 8>(rows, 0x00FF00FF00FF00FF);
}

/// Writes word w of all rows side by side, for each w.
template <class V>
[[gnu::always_inline]] inline void store_words(V const (&rows)[8], std::byte* out) {
    constexpr std::size_t words = sizeof(V) / 8;
    if constexpr (words == 4) {
        for (std::size_t first = 0; first < 8; first += 4) {
            V const a = __builtin_shufflevector(rows[first], rows[first + 1], 0, 4, 2, 6);
            V const b = __builtin_shufflevector(rows[first], rows[first + 1], 1, 5, 3, 7);
            V const c = __builtin_shufflevector(rows[first + 2], rows[first + 3], 0, 4, 2, 6);
            V const d = __builtin_shufflevector(rows[first + 2], rows[first + 3], 1, 5, 3, 7);
            V const each[4] = {__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(b, d, 0, 1, 4, 5),
                               __builtin_shufflevector(a, c, 2, 3, 6, 7), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
            for (std::size_t w = 0; w < words; ++w) store<words>(each[w], out + 64 * w + 8 * first);
        }
    } else {
        for (std::size_t row = 0; row < 8; row += 2) {
            V const first = __builtin_shufflevector(rows[row], rows[row + 1], 0, 2),
                    second = __builtin_shufflevector(rows[row], rows[row + 1], 1, 3);
            store<words>(first, out + 8 * row);
            store<words>(second, out + 64 + 8 * row);
        }
    }
}

/// One byte of all pixels of a tile.
template <std::size_t Words>
[[gnu::always_inline]] inline void byte_of_tile(PlaneView planes, TileBits const& keep, std::byte* out) {
    using V = typename Lanes<Words>::Vector;
    for (std::size_t word = 0; word < tile_words; word += Words) {
        V rows[8], kept;
        load<Words>(keep.data() + word, kept);
        for (std::size_t k = 0; k < 8; ++k) {
            load<Words>(planes.first + k * planes.stride + 8 * word, rows[k]);
            rows[k] &= kept;
        }
        planes_to_bytes(rows);
        store_words(rows, out + 64 * word);
    }
}

/// Bytes of integers of `N` bytes, lowest first, from an array for each byte.
template <std::size_t N>
[[gnu::always_inline]] inline void join_bytes(std::byte const (&bytes)[N][tile_pixels], std::byte* out) {
    using T = std::conditional_t<N == 2, std::uint16_t, std::uint32_t>;
    for (std::size_t i = 0; i < tile_pixels; ++i) {
        T pixel = 0;
        for (std::size_t j = 0; j < N; ++j) pixel = static_cast<T>(pixel | std::to_integer<T>(bytes[j][i]) << 8 * j);
        std::memcpy(out + N * i, &pixel, N);
    }
}

template <std::size_t N, class ByteOfTile>
[[gnu::always_inline]] inline void integers_of_tile(PlaneView planes, TileBits const& keep, std::byte* out, ByteOfTile const& byte_of) {
    alignas(64) std::byte bytes[N][tile_pixels];
    for (std::size_t j = 0; j < N; ++j) byte_of(PlaneView{planes.first + 8 * j * planes.stride, planes.stride}, keep, bytes[j]);
    join_bytes(bytes, out);
}

template <class ByteOfTile>
[[gnu::always_inline]] inline void unshuffle_tile(PlaneView planes, unsigned bytes, TileBits const& keep, std::byte* out,
                                                  ByteOfTile const& byte_of) {
    switch (bytes) {
    case 1: return byte_of(planes, keep, out);
    case 2: return integers_of_tile<2>(planes, keep, out, byte_of);
    default: return integers_of_tile<4>(planes, keep, out, byte_of);
    }
}

template <class V>
[[gnu::always_inline]] inline bool any(V const& words) {
    std::uint64_t all = 0;
    for (std::size_t w = 0; w < sizeof(V) / 8; ++w) all |= words[w];
    return all != 0;
}

/// Sets in `found` the bits in which planes [first, last) differ from `base`, at one place of a tile.
template <class V>
[[gnu::always_inline]] inline void add_differences(PlaneView planes, std::size_t word, V const& base, std::size_t first, std::size_t last,
                                                   V& found) {
    for (std::size_t plane = first; plane < last; ++plane) {
        V words;
        load<sizeof(V) / 8>(planes.first + plane * planes.stride + 8 * word, words);
        found |= words ^ base;
    }
}

/// The survey of pixels of `Bytes` bytes, so many words at a time.
template <std::size_t Words, std::size_t Bytes>
[[gnu::always_inline]] inline PlaneSurvey survey_of(PlaneView planes) {
    using V = typename Lanes<Words>::Vector;
    constexpr std::size_t top_plane = 8 * Bytes - 1, second = std::min<std::size_t>(8, top_plane),
                          third = std::min<std::size_t>(16, top_plane);
    PlaneSurvey out;
    V tops{}, in_second{}, in_upper{}, lacking{};
    for (std::size_t word = 0; word < tile_words; word += Words) {
        V top{}, of_first{}, of_second{}, of_upper{};
        add_differences(planes, word, V{}, top_plane, top_plane + 1, top);
        add_differences(planes, word, top, 1, second, of_first);
        add_differences(planes, word, top, second, third, of_second);
        add_differences(planes, word, top, third, top_plane, of_upper);
        tops |= top;
        in_second |= of_second & ~top;
        in_upper |= of_upper & ~top;
        lacking |= (of_first | of_second | of_upper) & top;
        store<Words>(top, out.top.data() + word);
    }
    out.any_top = any(tops);
    out.needs_second = any(in_second);
    out.needs_upper = any(in_upper);
    out.top_lacks_a_bit = any(lacking);
    return out;
}

template <std::size_t Words>
[[gnu::always_inline]] inline PlaneSurvey survey_tile(PlaneView planes, unsigned bytes) {
    switch (bytes) {
    case 1: return survey_of<Words, 1>(planes);
    case 2: return survey_of<Words, 2>(planes);
    default: return survey_of<Words, 4>(planes);
    }
}

template <class T>
using TilePixels = std::array<T, tile_pixels>;

template <class T>
[[gnu::always_inline]] inline T largest_of(TilePixels<T> const& pixels) {
    T largest = 0;
    for (T const pixel : pixels) largest = std::max(largest, pixel);
    return largest;
}

/// Sets the bits of pixels above the limit and zeroes those pixels.
template <class T>
[[gnu::always_inline]] inline void take_out_invalid(TilePixels<T>& pixels, T largest_valid, Tile& out) {
    TilePixels<std::uint8_t> flags; // 0 or 1 each; loops of one kind of work are ones the compiler vectorises
    for (std::size_t i = 0; i < tile_pixels; ++i) flags[i] = pixels[i] > largest_valid;
    for (std::size_t i = 0; i < tile_pixels; ++i) pixels[i] = pixels[i] > largest_valid ? T{0} : pixels[i];
    for (std::size_t word = 0; word < tile_words; ++word) {
        std::uint64_t bits = 0;
        for (std::size_t byte = 0; byte < 8; ++byte) {
            std::uint64_t eight;
            std::memcpy(&eight, flags.data() + 64 * word + 8 * byte, sizeof eight);
            bits |= (eight * 0x0102040810204080 >> 56) << 8 * byte; // eight flags into the eight bits of the highest byte
        }
        out.invalid[word] = bits;
    }
}

template <class Narrow, class T>
[[gnu::always_inline]] inline void store_lane(TilePixels<T> const& pixels, Lane lane, Tile& out) {
    TilePixels<Narrow> narrow;
    for (std::size_t i = 0; i < tile_pixels; ++i) narrow[i] = static_cast<Narrow>(pixels[i]);
    std::memcpy(out.pixels.data(), narrow.data(), sizeof narrow);
    out.lane = lane;
}

template <class T>
[[gnu::always_inline]] inline void fill_of(std::byte const* bytes, T largest_valid, Tile& out) {
    alignas(64) TilePixels<T> pixels;
    std::memcpy(pixels.data(), bytes, sizeof pixels);
    out.invalid.fill(0);
    T largest = largest_of(pixels);
    if (largest > largest_valid) {
        take_out_invalid(pixels, largest_valid, out);
        largest = largest_of(pixels);
    }
    if (largest <= 0xFF)
        store_lane<std::uint8_t>(pixels, Lane::u8, out);
    else if (largest <= 0xFFFF)
        store_lane<std::uint16_t>(pixels, Lane::u16, out);
    else
        store_lane<std::uint32_t>(pixels, Lane::u32, out);
}

[[gnu::always_inline]] inline void fill_whole_tile(std::byte const* pixels, PixelFormat const& format, Tile& out) {
    switch (format.bytes) {
    case 1: return fill_of(pixels, static_cast<std::uint8_t>(format.largest_valid), out);
    case 2: return fill_of(pixels, static_cast<std::uint16_t>(format.largest_valid), out);
    default: return fill_of(pixels, format.largest_valid, out);
    }
}

PlaneSurvey survey_portable(PlaneView planes, unsigned bytes) {
    return survey_tile<2>(planes, bytes);
}
void unshuffle_portable(PlaneView planes, unsigned bytes, TileBits const& keep, std::byte* out) {
    unshuffle_tile(planes, bytes, keep, out, [](PlaneView p, TileBits const& k, std::byte* o) { byte_of_tile<2>(p, k, o); });
}
void fill_portable(std::byte const* pixels, PixelFormat const& format, Tile& out) {
    fill_whole_tile(pixels, format, out);
}

#if defined(__x86_64__)

[[gnu::target("avx2,bmi,bmi2")]] PlaneSurvey survey_avx2(PlaneView planes, unsigned bytes) {
    return survey_tile<4>(planes, bytes);
}
[[gnu::target("avx2,bmi,bmi2")]] void byte_avx2(PlaneView planes, TileBits const& keep, std::byte* out) {
    byte_of_tile<4>(planes, keep, out);
}
[[gnu::target("avx2,bmi,bmi2")]] void unshuffle_avx2(PlaneView planes, unsigned bytes, TileBits const& keep, std::byte* out) {
    unshuffle_tile(planes, bytes, keep, out, byte_avx2);
}
[[gnu::target("avx2,bmi,bmi2")]] void fill_avx2(std::byte const* pixels, PixelFormat const& format, Tile& out) {
    fill_whole_tile(pixels, format, out);
}

/// 8 x 8 words: word c of row r becomes word r of row c.
[[gnu::target("avx512f"), gnu::always_inline]] inline void transpose_words(__m512i (&rows)[8]) {
    __m512i pairs[8], fours[8];
    for (int i = 0; i < 4; ++i) {
        pairs[2 * i] = _mm512_unpacklo_epi64(rows[2 * i], rows[2 * i + 1]);
        pairs[2 * i + 1] = _mm512_unpackhi_epi64(rows[2 * i], rows[2 * i + 1]);
    }
    for (int odd = 0; odd < 2; ++odd) {
        for (int half = 0; half < 2; ++half) {
            fours[4 * half + odd] = _mm512_shuffle_i64x2(pairs[4 * half + odd], pairs[4 * half + 2 + odd], 0x88);
            fours[4 * half + 2 + odd] = _mm512_shuffle_i64x2(pairs[4 * half + odd], pairs[4 * half + 2 + odd], 0xDD);
        }
    }
    for (int i = 0; i < 4; ++i) {
        rows[i] = _mm512_shuffle_i64x2(fours[i], fours[4 + i], 0x88);
        rows[4 + i] = _mm512_shuffle_i64x2(fours[i], fours[4 + i], 0xDD);
    }
}

/// Per 64 pixels: their eight plane words side by side, bytes of the same eight pixels brought together (vpermb), and each 8 x 8 bit matrix
/// transposed by an affine map over GF(2) whose matrix is the data.
[[gnu::target("avx512f,avx512bw,avx512vbmi,gfni")]] void byte_avx512(PlaneView planes, TileBits const& keep, std::byte* out) {
    alignas(64) std::uint8_t order[64];
    for (unsigned group = 0; group < 8; ++group)
        for (unsigned k = 0; k < 8; ++k) order[8 * group + k] = static_cast<std::uint8_t>(8 * (7 - k) + group);
    __m512i const by_pixels = _mm512_load_si512(order), unit = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));
    for (std::size_t word = 0; word < tile_words; word += 8) {
        __m512i const kept = _mm512_loadu_si512(keep.data() + word);
        __m512i rows[8];
        for (std::size_t k = 0; k < 8; ++k)
            rows[k] = _mm512_and_si512(kept, _mm512_loadu_si512(planes.first + k * planes.stride + 8 * word));
        transpose_words(rows);
        for (std::size_t w = 0; w < 8; ++w)
            _mm512_storeu_si512(out + 64 * (word + w), _mm512_gf2p8affine_epi64_epi8(unit, _mm512_permutexvar_epi8(by_pixels, rows[w]), 0));
    }
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] PlaneSurvey survey_avx512(PlaneView planes, unsigned bytes) {
    return survey_tile<8>(planes, bytes);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,gfni")]] void unshuffle_avx512(PlaneView planes, unsigned bytes,
                                                                                            TileBits const& keep, std::byte* out) {
    unshuffle_tile(planes, bytes, keep, out, byte_avx512);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void fill_avx512(std::byte const* pixels, PixelFormat const& format, Tile& out) {
    fill_whole_tile(pixels, format, out);
}

#endif

} // namespace

PlaneKernels const& plane_kernels(CpuTier tier) {
    static constexpr PlaneKernels portable{survey_portable, unshuffle_portable, fill_portable};
#if defined(__x86_64__)
    static constexpr PlaneKernels avx2{survey_avx2, unshuffle_avx2, fill_avx2}, avx512{survey_avx512, unshuffle_avx512, fill_avx512};
    if (tier == CpuTier::avx512) return avx512;
    if (tier == CpuTier::avx2) return avx2;
#endif
    return portable;
}

} // namespace sqd
