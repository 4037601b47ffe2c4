// For every 16, 32 or 64 pixels: the frames' pixels are transposed so that the frames of one pixel lie side by side, and one addition
// brings them into the histograms of all frames: the map of bins is read once per batch.
#include "pipeline/reduce/tile_kernels.hpp"

#include "pipeline/core/vector_instructions.hpp"

#include <type_traits>

namespace sqd {

namespace {

static_assert(batch_frames == 16, "four steps of interleaving");

constexpr std::size_t chunk = 64; ///< pixels transposed at a time: they stay in the first-level cache

/// out = a0 b0 a1 b1 ...
template <class T>
void interleave(T const* __restrict a, T const* __restrict b, T* __restrict out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        out[2 * i] = a[i];
        out[2 * i + 1] = b[i];
    }
}

/// [frame][pixel] -> [pixel][frame] for `chunk` pixels: interleaving the first half of an array with its second rotates the bits of
/// the index by one, so four times brings the frame's four bits to the low end.
template <class T>
void transpose(BatchRows<T> const& rows, std::size_t offset, T* out) {
    constexpr std::size_t half = chunk * batch_frames / 2;
    alignas(64) T buffer[2 * half];
    for (std::size_t f = 0; f < batch_frames / 2; ++f) {
        interleave(rows[f] + offset, rows[f + batch_frames / 2] + offset, buffer + 2 * f * chunk, chunk);
    }
    interleave(buffer, buffer + half, out, half);
    interleave(out, out + half, buffer, half);
    interleave(buffer, buffer + half, out, half);
}

/// One pixel of all frames into the histogram of its bin.
template <class T>
void add_pixel(T const* __restrict values, BatchCounts& counts) {
#pragma GCC unroll 1 // unrolled early, GCC 12 would leave it scalar
    for (std::size_t f = 0; f < batch_frames; ++f) counts.of_frame[f] += values[f];
}

template <class T>
void add_portable(BatchRows<T> const& rows, std::uint16_t const* bin, BatchCounts* counts, std::uint32_t* sum) {
    using Sum = std::conditional_t<sizeof(T) == 1, std::uint16_t, std::uint32_t>; // 16 frames cannot overflow it
    alignas(64) T by_pixel[chunk * batch_frames];
    for (std::size_t start = 0; start < tile_pixels; start += chunk) {
        alignas(64) Sum sums[chunk]{};
        for (T const* row : rows) {
            for (std::size_t i = 0; i < chunk; ++i) sums[i] = static_cast<Sum>(sums[i] + row[start + i]);
        }
        for (std::size_t i = 0; i < chunk; ++i) sum[start + i] += sums[i];
        transpose(rows, start, by_pixel);
        for (std::size_t p = 0; p < chunk; ++p) add_pixel(by_pixel + p * batch_frames, counts[bin[start + p]]);
    }
}

#if defined(__x86_64__)

// Registers hold lanes of 128 bits, and interleaving stays within them. Four steps over 16 registers, each pairing register k with k + 8,
// turn [frame][pixel of lane] into [pixel of lane][frame].

[[gnu::target("avx2"), gnu::always_inline]] inline void interleave_bytes(__m256i const (&in)[16], __m256i (&out)[16]) {
    for (int k = 0; k < 8; ++k) {
        out[2 * k] = _mm256_unpacklo_epi8(in[k], in[k + 8]);
        out[2 * k + 1] = _mm256_unpackhi_epi8(in[k], in[k + 8]);
    }
}
[[gnu::target("avx2"), gnu::always_inline]] inline void interleave_words(__m256i const (&in)[16], __m256i (&out)[16]) {
    for (int k = 0; k < 8; ++k) {
        out[2 * k] = _mm256_unpacklo_epi16(in[k], in[k + 8]);
        out[2 * k + 1] = _mm256_unpackhi_epi16(in[k], in[k + 8]);
    }
}
/// 16 sums of 16 bits onto 32-bit ones.
[[gnu::target("avx2"), gnu::always_inline]] inline void add_sums(__m256i sums, std::uint32_t* sum) {
    auto* const low = reinterpret_cast<__m256i*>(sum);
    auto* const high = reinterpret_cast<__m256i*>(sum + 8);
    _mm256_storeu_si256(low, _mm256_add_epi32(_mm256_loadu_si256(low), _mm256_cvtepu16_epi32(_mm256_castsi256_si128(sums))));
    _mm256_storeu_si256(high, _mm256_add_epi32(_mm256_loadu_si256(high), _mm256_cvtepu16_epi32(_mm256_extracti128_si256(sums, 1))));
}
[[gnu::target("avx2"), gnu::always_inline]] inline void add_to(std::uint32_t* counts, __m256i eight) {
    auto* const place = reinterpret_cast<__m256i*>(counts);
    _mm256_store_si256(place, _mm256_add_epi32(_mm256_load_si256(place), eight));
}

[[gnu::target("avx2")]] void add_bytes_avx2(BatchRows<std::uint8_t> const& rows, std::uint16_t const* bin, BatchCounts* counts,
                                            std::uint32_t* sum) {
    constexpr std::size_t step = 32;
    __m256i const one = _mm256_set1_epi8(1);
    alignas(32) std::uint8_t turned[16 * step];
    for (std::size_t start = 0; start < tile_pixels; start += step) {
        __m256i a[16], b[16];
        for (std::size_t f = 0; f < batch_frames; ++f) a[f] = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(rows[f] + start));
        interleave_bytes(a, b);
        __m256i low = _mm256_setzero_si256(), high = low; // pixels 0 to 7 and 8 to 15 of each lane, two frames at a time
        for (int k = 0; k < 8; ++k) {
            low = _mm256_add_epi16(low, _mm256_maddubs_epi16(b[2 * k], one));
            high = _mm256_add_epi16(high, _mm256_maddubs_epi16(b[2 * k + 1], one));
        }
        add_sums(_mm256_permute2x128_si256(low, high, 0x20), sum + start);
        add_sums(_mm256_permute2x128_si256(low, high, 0x31), sum + start + 16);
        interleave_bytes(b, a);
        interleave_bytes(a, b);
        interleave_bytes(b, a);
        for (std::size_t k = 0; k < 16; ++k) _mm256_store_si256(reinterpret_cast<__m256i*>(turned + step * k), a[k]);
        for (std::size_t lane = 0; lane < 2; ++lane) {
            for (std::size_t k = 0; k < 16; ++k) {
                std::uint8_t const* const pixel = turned + step * k + 16 * lane;
                std::uint32_t* const place = counts[bin[start + 16 * lane + k]].of_frame.data();
                add_to(place, _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(pixel))));
                add_to(place + 8, _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(pixel + 8))));
            }
        }
    }
}

[[gnu::target("avx2")]] void add_words_avx2(BatchRows<std::uint16_t> const& rows, std::uint16_t const* bin, BatchCounts* counts,
                                            std::uint32_t* sum) {
    constexpr std::size_t step = 16;
    alignas(32) std::uint16_t turned[16 * step];
    for (std::size_t start = 0; start < tile_pixels; start += step) {
        __m256i a[16], b[16];
        for (std::size_t f = 0; f < batch_frames; ++f) {
            a[f] = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(rows[f] + start));
            add_sums(a[f], sum + start);
        }
        interleave_words(a, b);
        interleave_words(b, a);
        interleave_words(a, b);
        interleave_words(b, a);
        for (std::size_t k = 0; k < 16; ++k) _mm256_store_si256(reinterpret_cast<__m256i*>(turned + step * k), a[k]);
        for (std::size_t lane = 0; lane < 2; ++lane) { // register 2 p + h: frames 8 h to 8 h + 7 of pixel p of each lane
            for (std::size_t p = 0; p < 8; ++p) {
                auto const* const pixel = reinterpret_cast<__m128i const*>(turned + 2 * step * p + 8 * lane);
                std::uint32_t* const place = counts[bin[start + 8 * lane + p]].of_frame.data();
                add_to(place, _mm256_cvtepu16_epi32(_mm_load_si128(pixel)));
                add_to(place + 8, _mm256_cvtepu16_epi32(_mm_load_si128(pixel + step / 8)));
            }
        }
    }
}

[[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline void interleave_bytes(__m512i const (&in)[16], __m512i (&out)[16]) {
    for (int k = 0; k < 8; ++k) {
        out[2 * k] = _mm512_unpacklo_epi8(in[k], in[k + 8]);
        out[2 * k + 1] = _mm512_unpackhi_epi8(in[k], in[k + 8]);
    }
}
[[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline void interleave_words(__m512i const (&in)[16], __m512i (&out)[16]) {
    for (int k = 0; k < 8; ++k) {
        out[2 * k] = _mm512_unpacklo_epi16(in[k], in[k + 8]);
        out[2 * k + 1] = _mm512_unpackhi_epi16(in[k], in[k + 8]);
    }
}
/// 32 sums of 16 bits onto 32-bit ones.
[[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline void add_sums(__m512i sums, std::uint32_t* sum) {
    __m512i const low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(sums));
    __m512i const high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(sums, 1));
    _mm512_storeu_si512(sum, _mm512_add_epi32(_mm512_loadu_si512(sum), low));
    _mm512_storeu_si512(sum + 16, _mm512_add_epi32(_mm512_loadu_si512(sum + 16), high));
}
[[gnu::target("avx512f"), gnu::always_inline]] inline void add_to(std::uint32_t* counts, __m512i sixteen) {
    _mm512_store_si512(counts, _mm512_add_epi32(_mm512_load_si512(counts), sixteen));
}

[[gnu::target("avx512f,avx512bw,avx512vl")]] void add_bytes_avx512(BatchRows<std::uint8_t> const& rows, std::uint16_t const* bin,
                                                                   BatchCounts* counts, std::uint32_t* sum) {
    constexpr std::size_t step = 64;
    __m512i const one = _mm512_set1_epi8(1);
    __m512i const first_lanes = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), last_lanes = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    alignas(64) std::uint8_t turned[16 * step];
    for (std::size_t start = 0; start < tile_pixels; start += step) {
        __m512i a[16], b[16];
        for (std::size_t f = 0; f < batch_frames; ++f) a[f] = _mm512_loadu_si512(rows[f] + start);
        interleave_bytes(a, b);
        __m512i low = _mm512_setzero_si512(), high = low; // pixels 0 to 7 and 8 to 15 of each lane, two frames at a time
        for (int k = 0; k < 8; ++k) {
            low = _mm512_add_epi16(low, _mm512_maddubs_epi16(b[2 * k], one));
            high = _mm512_add_epi16(high, _mm512_maddubs_epi16(b[2 * k + 1], one));
        }
        add_sums(_mm512_permutex2var_epi64(low, first_lanes, high), sum + start);
        add_sums(_mm512_permutex2var_epi64(low, last_lanes, high), sum + start + 32);
        interleave_bytes(b, a);
        interleave_bytes(a, b);
        interleave_bytes(b, a);
        for (std::size_t k = 0; k < 16; ++k) _mm512_store_si512(turned + step * k, a[k]);
        for (std::size_t lane = 0; lane < 4; ++lane) {
            for (std::size_t k = 0; k < 16; ++k) {
                auto const* const pixel = reinterpret_cast<__m128i const*>(turned + step * k + 16 * lane);
                add_to(counts[bin[start + 16 * lane + k]].of_frame.data(), _mm512_cvtepu8_epi32(_mm_load_si128(pixel)));
            }
        }
    }
}

[[gnu::target("avx512f,avx512bw,avx512vl")]] void add_words_avx512(BatchRows<std::uint16_t> const& rows, std::uint16_t const* bin,
                                                                   BatchCounts* counts, std::uint32_t* sum) {
    constexpr std::size_t step = 32;
    alignas(64) std::uint16_t turned[16 * step];
    for (std::size_t start = 0; start < tile_pixels; start += step) {
        __m512i a[16], b[16];
        __m512i low = _mm512_setzero_si512(), high = low;
        for (std::size_t f = 0; f < batch_frames; ++f) {
            a[f] = _mm512_loadu_si512(rows[f] + start);
            low = _mm512_add_epi32(low, _mm512_cvtepu16_epi32(_mm512_castsi512_si256(a[f])));
            high = _mm512_add_epi32(high, _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(a[f], 1)));
        }
        _mm512_storeu_si512(sum + start, _mm512_add_epi32(_mm512_loadu_si512(sum + start), low));
        _mm512_storeu_si512(sum + start + 16, _mm512_add_epi32(_mm512_loadu_si512(sum + start + 16), high));
        interleave_words(a, b);
        interleave_words(b, a);
        interleave_words(a, b);
        interleave_words(b, a);
        for (std::size_t k = 0; k < 16; ++k) _mm512_store_si512(turned + step * k, a[k]);
        for (std::size_t lane = 0; lane < 4; ++lane) { // register 2 p + h: frames 8 h to 8 h + 7 of pixel p of each lane
            for (std::size_t p = 0; p < 8; ++p) {
                auto const* const pixel = reinterpret_cast<__m128i const*>(turned + 2 * step * p + 8 * lane);
                __m256i const frames =
                    _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_load_si128(pixel)), _mm_load_si128(pixel + step / 8), 1);
                add_to(counts[bin[start + 8 * lane + p]].of_frame.data(), _mm512_cvtepu16_epi32(frames));
            }
        }
    }
}

#endif

} // namespace

TileKernels const& tile_kernels(CpuTier tier) {
    static constexpr TileKernels portable{add_portable<std::uint8_t>, add_portable<std::uint16_t>, 6};
#if defined(__x86_64__)
    static constexpr TileKernels avx2{add_bytes_avx2, add_words_avx2, 2}, avx512{add_bytes_avx512, add_words_avx512, 2};
    if (tier == CpuTier::avx512) return avx512;
    if (tier == CpuTier::avx2) return avx2;
#endif
    return portable;
}

} // namespace sqd
