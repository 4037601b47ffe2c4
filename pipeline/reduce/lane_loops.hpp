// Loops that run in the machine's vector instructions. Lanes do the same operations in the same order in every tier, and none is fused:
// all tiers give the same numbers to the bit.
#pragma once

#include "pipeline/core/cpu_tier.hpp"

#include <cstddef>
#include <span>

namespace sqd {

/// Numbers side by side in a block of lanes.
inline constexpr std::size_t lanes = 8, most_lanes = 32;

/// sin(x_i factor) and cos(x_i factor), to 2e-16 while the argument stays below 1e6. All of one length.
void sines_and_cosines(std::span<double const> x, double factor, std::span<double> sine, std::span<double> cosine,
                       CpuTier tier = best_cpu_tier());

/// exp(factor x_i), to 3e-16 of it while the argument lies between -700 and 700; beyond, it is taken for the nearer of these.
void exponentials(std::span<double const> x, double factor, std::span<double> out, CpuTier tier = best_cpu_tier());

/// Blocks of `width` numbers (`lanes` or `most_lanes`) of `values` added to a row of blocks, each with `taps` weights from block first_i
/// on: out[first_i + t] += weight[i taps + t] values[i].
void spread_blocks(std::size_t width, std::span<double const> values, std::span<std::size_t const> first, std::span<double const> weight,
                   std::size_t taps, std::span<double> out, CpuTier tier = best_cpu_tier());

/// Matrices by rows, `columns` numbers each.
struct RowsView {
    std::span<double const> values;
    std::size_t columns = 0;
    std::size_t rows() const { return values.size() / columns; }
};

/// out = factor in: rows out of `factor`, which has as many columns as `in` has rows.
void multiply_rows(RowsView factor, RowsView in, std::span<double> out, CpuTier tier = best_cpu_tier());

/// out_c += sum_ij form_ij in_ic in_jc over j <= i: quadratic forms of the columns of `in`, of which `form` has the lower triangle.
void add_quadratic_forms(RowsView form, RowsView in, std::span<double> out, CpuTier tier = best_cpu_tier());

} // namespace sqd
