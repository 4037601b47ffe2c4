#include "daemon/simulate/poisson_sampler.hpp"

#include "daemon/simulate/random_block.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

namespace sqd::simulated {

namespace {

constexpr double largest_mean = 1e6;

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = 0;
};

Range mean_range(Image<double> const& mean) {
    Range range;
    for (auto const m : mean.pixels) {
        if (std::isnan(m)) continue;
        if (m < 0 || m > largest_mean)
            throw DataError("a mean of " + std::to_string(m) + " counts cannot be drawn (0 to 1e6 can) change the flux or exposure");
        range.low = std::min(range.low, m);
        range.high = std::max(range.high, m);
    }
    if (range.low > range.high) range.low = range.high; // no pixel at all
    return range;
}

std::uint64_t to_fixed_point(long double probability) {
    auto const scaled = std::ldexp(probability, 64);
    return scaled >= 0x1p64L ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(scaled);
}

} // namespace

PoissonSampler::Distribution PoissonSampler::distribution(double mean) {
    if (mean <= 0) return {0, {std::numeric_limits<std::uint64_t>::max()}};
    // Only counts within the reach of a 64-bit random number: 10 standard deviations and 50 for the skewed small ones.
    auto const reach = 10 * std::sqrt(mean) + 50;
    auto const first = static_cast<std::uint32_t>(std::max(0.0, std::floor(mean - reach)));
    auto const last = static_cast<std::uint32_t>(std::ceil(mean + reach));
    auto const m = static_cast<long double>(mean);
    auto const k = static_cast<long double>(first);
    auto term = std::exp(k * std::log(m) - m - std::lgamma(k + 1));
    Distribution d{first, {}};
    long double sum = 0;
    for (auto n = first; n <= last; ++n) {
        sum += term;
        d.cumulative.push_back(to_fixed_point(sum));
        term *= m / static_cast<long double>(n + 1);
    }
    d.cumulative.back() = std::numeric_limits<std::uint64_t>::max();
    return d;
}

std::uint32_t PoissonSampler::Distribution::inverse(std::uint64_t u) const {
    auto const it = std::upper_bound(cumulative.begin(), cumulative.end() - 1, u);
    return first + static_cast<std::uint32_t>(it - cumulative.begin());
}

std::uint32_t PoissonSampler::Distribution::inverse_from(std::uint32_t least, std::uint64_t u) const {
    if (least + 1 >= undecided) return inverse(u); // only a bound, perhaps a poor one
    std::size_t i = least - first;
    while (u >= cumulative[i] && i + 1 < cumulative.size()) ++i;
    return first + static_cast<std::uint32_t>(i);
}

void PoissonSampler::fill_cells(std::size_t class_index) {
    auto const& d = classes_[class_index];
    auto* const row = cells_.data() + (class_index << cell_bits);
    for (std::uint64_t cell = 0; cell < (1U << cell_bits); ++cell) {
        auto const low = cell << (64 - cell_bits);
        auto const high = low + ((std::uint64_t{1} << (64 - cell_bits)) - 1);
        auto const count = d.inverse(low);
        auto const known = static_cast<std::uint8_t>(std::min<std::uint32_t>(count, undecided - 1));
        row[cell] = count < undecided && d.inverse(high) == count ? known : static_cast<std::uint8_t>(known | undecided);
    }
}

PoissonSampler::PoissonSampler(Image<double> const& mean)
    : position_(mean.size()), masked_(mean.size()), cells_(((std::size_t{1} << class_bits) + 1) << cell_bits) {
    constexpr double classes = 1U << class_bits, fractions = 1U << fraction_bits;
    auto const range = mean_range(mean);
    auto const low = std::sqrt(range.low), step = (std::sqrt(range.high) - low) / classes;
    auto const class_mean = [&](double c) { return (low + c * step) * (low + c * step); };
    for (std::size_t c = 0; c <= static_cast<std::size_t>(classes); ++c) {
        classes_.push_back(distribution(class_mean(static_cast<double>(c))));
        fill_cells(c);
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
        masked_[i] = std::isnan(mean.pixels[i]);
        if (masked_[i] || step <= 0) continue;
        auto const c = std::clamp(std::floor((std::sqrt(mean.pixels[i]) - low) / step), 0.0, classes - 1);
        auto const below = class_mean(c), above = class_mean(c + 1);
        auto const position = std::round((c + (mean.pixels[i] - below) / (above - below)) * fractions);
        position_[i] = static_cast<std::uint16_t>(std::clamp(position, 0.0, classes * fractions - 1));
    }
}

void PoissonSampler::draw(std::uint64_t key, std::size_t block, std::span<std::uint32_t> out) const {
    auto const begin = block * sampler_block;
    assert(out.size() == std::min(sampler_block, pixels() - begin));
    constexpr std::uint32_t fraction_mask = (1U << fraction_bits) - 1;
    constexpr unsigned spare_bits = 32 - cell_bits - fraction_bits; // of a random word, below its cell
    std::array<std::uint32_t, sampler_block> random;
    auto const block_key = derive(key, block);
    fill_random(block_key, random);
    auto const* const position = position_.data() + begin;
    auto const class_of = [&](std::size_t i) { return (position[i] + (random[i] & fraction_mask)) >> fraction_bits; };
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = cells_[(class_of(i) << cell_bits) | (random[i] >> (32 - cell_bits))];
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] < undecided) continue; // else the same word again, lengthened to 64 bits
        auto const upper = static_cast<std::uint64_t>(random[i] >> fraction_bits) << (32 + fraction_bits);
        out[i] = classes_[class_of(i)].inverse_from(out[i] & ~std::uint32_t{undecided},
                                                    upper | (derive(~block_key, i) >> (cell_bits + spare_bits)));
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] |= masked_[begin + i] ? masked_pixel : 0U;
}

} // namespace sqd::simulated
