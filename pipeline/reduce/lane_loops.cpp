#include "pipeline/reduce/lane_loops.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>

namespace sqd {

namespace {

// Each struct is one loop. It is inlined into a function per tier, whose instructions it is then made of.
struct SineLoop {
    [[gnu::always_inline]] static inline void run(double const* x, double factor, std::size_t count, double* sine, double* cosine) {
        // quarter turns are taken out in three parts (Cody & Waite 1980); polynomials of fdlibm
        constexpr double per_quarter = 0.63661977236758134308, high = 1.57079632673412561417, middle = 6.07710050630396597660e-11,
                         low = 2.02226624879595063154e-21;
        constexpr double to_integer = 6755399441055744.0; // 1.5 * 2^52: what is added to it loses its fraction
        for (std::size_t i = 0; i < count; ++i) {
            double const angle = x[i] * factor, shifted = angle * per_quarter + to_integer, quarters = shifted - to_integer;
            double const y = ((angle - quarters * high) - quarters * middle) - quarters * low, z = y * y;
            double const s =
                y + y * z *
                        (-1.66666666666666324348e-01 +
                         z * (8.33333333332248946124e-03 +
                              z * (-1.98412698298579493134e-04 +
                                   z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))));
            double const c =
                1 - 0.5 * z +
                z * z *
                    (4.16666666666666019037e-02 +
                     z * (-1.38888888888741095749e-03 +
                          z * (2.48015872894767294178e-05 +
                               z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
            auto const quadrant = std::bit_cast<std::int64_t>(shifted);
            bool const odd = (quadrant & 1) != 0;
            double const one = odd ? c : s, other = odd ? s : c;
            sine[i] = (quadrant & 2) != 0 ? -one : one;
            cosine[i] = ((quadrant + 1) & 2) != 0 ? -other : other;
        }
    }
};

struct ExponentialLoop {
    [[gnu::always_inline]] static inline void run(double const* x, double factor, std::size_t count, double* out) {
        // powers of two are taken out; Taylor's series of the rest, which lies within ln 2 / 2
        constexpr double per_ln2 = 1.44269504088896338700, high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
        constexpr double to_integer = 6755399441055744.0, most = 700;
        constexpr std::int64_t bias = 1023;
        constexpr int mantissa_bits = 52;
        for (std::size_t i = 0; i < count; ++i) {
            double const argument = x[i] * factor, above = argument < -most ? -most : argument, at = above > most ? most : above;
            double const shifted = at * per_ln2 + to_integer, power = shifted - to_integer;
            double const r = (at - power * high) - power * low;
            double sum = 1. / 6227020800;
            sum = sum * r + 1. / 479001600;
            sum = sum * r + 1. / 39916800;
            sum = sum * r + 1. / 3628800;
            sum = sum * r + 1. / 362880;
            sum = sum * r + 1. / 40320;
            sum = sum * r + 1. / 5040;
            sum = sum * r + 1. / 720;
            sum = sum * r + 1. / 120;
            sum = sum * r + 1. / 24;
            sum = sum * r + 1. / 6;
            sum = sum * r + 1. / 2;
            sum = (sum * r + 1) * r + 1;
            std::int64_t const two_to = std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(to_integer) + bias;
            out[i] = sum * std::bit_cast<double>(two_to << mantissa_bits);
        }
    }
};

template <std::size_t width>
struct SpreadLoop {
    [[gnu::always_inline]] static inline void run(double const* values, std::size_t const* first, std::size_t count, double const* weight,
                                                  std::size_t taps, double* out) {
        for (std::size_t i = 0; i < count;) {
            std::size_t end = i + 1; // neighbours begin at the same block
            while (end < count && first[end] == first[i]) ++end;
            for (std::size_t t = 0; t < taps; ++t) {
                double* const to = out + (first[i] + t) * width;
                double sum[width];
                for (std::size_t lane = 0; lane < width; ++lane) sum[lane] = to[lane];
                for (std::size_t p = i; p < end; ++p)
                    for (std::size_t lane = 0; lane < width; ++lane) sum[lane] += weight[p * taps + t] * values[p * width + lane];
                for (std::size_t lane = 0; lane < width; ++lane) to[lane] = sum[lane];
            }
            i = end;
        }
    }
};

// Columns are taken in strips that stay in registers, and what is summed over in parts that stay near.
constexpr std::size_t strip = most_lanes, near = 64;

struct ProductLoop {
    template <std::size_t width>
    [[gnu::always_inline]] static inline void add(double const* factor, std::size_t rows, double const* in, std::size_t inner,
                                                  std::size_t columns, double* out) {
        for (std::size_t from = 0; from < inner; from += near) {
            std::size_t const to = from + near < inner ? from + near : inner;
            for (std::size_t i = 0; i < rows; ++i) {
                double sum[width];
                for (std::size_t lane = 0; lane < width; ++lane) sum[lane] = from == 0 ? 0 : out[i * columns + lane];
                for (std::size_t j = from; j < to; ++j)
                    for (std::size_t lane = 0; lane < width; ++lane) sum[lane] += factor[i * inner + j] * in[j * columns + lane];
                for (std::size_t lane = 0; lane < width; ++lane) out[i * columns + lane] = sum[lane];
            }
        }
    }

    [[gnu::always_inline]] static inline void run(double const* factor, std::size_t rows, double const* in, std::size_t inner,
                                                  std::size_t columns, double* out) {
        std::size_t column = 0;
        for (; column + strip <= columns; column += strip) add<strip>(factor, rows, in + column, inner, columns, out + column);
        for (; column + lanes <= columns; column += lanes) add<lanes>(factor, rows, in + column, inner, columns, out + column);
        for (; column < columns; ++column) add<1>(factor, rows, in + column, inner, columns, out + column);
    }
};

struct QuadraticLoop {
    [[gnu::always_inline]] static inline void run(double const* form, double const* in, std::size_t rows, std::size_t columns,
                                                  double* out) {
        std::size_t column = 0;
        for (; column + strip <= columns; column += strip)
            for (std::size_t i = 0; i < rows; ++i) {
                double sum[strip] = {};
                for (std::size_t j = 0; j <= i; ++j)
                    for (std::size_t lane = 0; lane < strip; ++lane) sum[lane] += form[i * rows + j] * in[j * columns + column + lane];
                for (std::size_t lane = 0; lane < strip; ++lane) out[column + lane] += sum[lane] * in[i * columns + column + lane];
            }
        for (; column < columns; ++column)
            for (std::size_t i = 0; i < rows; ++i) {
                double sum = 0;
                for (std::size_t j = 0; j <= i; ++j) sum += form[i * rows + j] * in[j * columns + column];
                out[column] += sum * in[i * columns + column];
            }
    }
};

template <class Loop, class... Arguments>
void portable(Arguments... arguments) {
    Loop::run(arguments...);
}

#if defined(__x86_64__)
template <class Loop, class... Arguments>
[[gnu::target("avx2")]] void avx2(Arguments... arguments) {
    Loop::run(arguments...);
}

template <class Loop, class... Arguments>
[[gnu::target("avx512f,avx512dq,avx512vl")]] void avx512(Arguments... arguments) {
    Loop::run(arguments...);
}
#endif

template <class Loop, class... Arguments>
void run(CpuTier tier, Arguments... arguments) {
#if defined(__x86_64__)
    if (tier == CpuTier::avx512) return avx512<Loop>(arguments...);
    if (tier == CpuTier::avx2) return avx2<Loop>(arguments...);
#endif
    static_cast<void>(tier);
    portable<Loop>(arguments...);
}

} // namespace

void sines_and_cosines(std::span<double const> x, double factor, std::span<double> sine, std::span<double> cosine, CpuTier tier) {
    assert(sine.size() == x.size() && cosine.size() == x.size());
    run<SineLoop>(tier, x.data(), factor, x.size(), sine.data(), cosine.data());
}

void exponentials(std::span<double const> x, double factor, std::span<double> out, CpuTier tier) {
    assert(out.size() == x.size());
    run<ExponentialLoop>(tier, x.data(), factor, x.size(), out.data());
}

void spread_blocks(std::size_t width, std::span<double const> values, std::span<std::size_t const> first, std::span<double const> weight,
                   std::size_t taps, std::span<double> out, CpuTier tier) {
    assert(values.size() == first.size() * width && weight.size() == first.size() * taps);
    assert(width == lanes || width == most_lanes);
    auto const run_as = [&](auto loop) {
        run<decltype(loop)>(tier, values.data(), first.data(), first.size(), weight.data(), taps, out.data());
    };
    if (width == lanes) return run_as(SpreadLoop<lanes>{});
    run_as(SpreadLoop<most_lanes>{});
}

void multiply_rows(RowsView factor, RowsView in, std::span<double> out, CpuTier tier) {
    assert(factor.columns == in.rows() && out.size() == factor.rows() * in.columns);
    run<ProductLoop>(tier, factor.values.data(), factor.rows(), in.values.data(), in.rows(), in.columns, out.data());
}

void add_quadratic_forms(RowsView form, RowsView in, std::span<double> out, CpuTier tier) {
    assert(form.columns == in.rows() && form.rows() == in.rows() && out.size() == in.columns);
    run<QuadraticLoop>(tier, form.values.data(), in.values.data(), in.rows(), in.columns, out.data());
}

} // namespace sqd
