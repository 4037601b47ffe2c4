// A smooth function on a uniform grid, read by cubic interpolation.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace sqd::simulated {

/// Where to read a uniform table of `size` points (at least four): weights of four neighbouring points, the first of them `begin`.
struct CubicStencil {
    std::size_t begin;
    std::array<double, 4> weight;

    CubicStencil(double position, std::size_t size) {
        auto const cell = std::clamp(std::floor(position), 1.0, static_cast<double>(size) - 3);
        auto const t = position - cell;
        auto const a = t + 1, b = t, c = t - 1, d = t - 2;
        begin = static_cast<std::size_t>(cell) - 1;
        weight = {-b * c * d / 6, a * c * d / 2, -a * b * d / 2, a * b * c / 6};
    }
};

/// Four-point Lagrange interpolation of f(x) given at x = i * step, i = 0 .. size-1 (at least four); beyond the ends the outermost
/// cubic goes on. Error 3/128 step^4 f'''' in the middle of a cell.
class UniformTable {
public:
    UniformTable() = default;
    UniformTable(double step, std::vector<double> values) : step_(step), values_(std::move(values)) {}

    template <class Function>
    static UniformTable of(double step, std::size_t size, Function const& f) {
        std::vector<double> values(size);
        for (std::size_t i = 0; i < size; ++i) values[i] = f(step * static_cast<double>(i));
        return {step, std::move(values)};
    }

    double operator()(double x) const {
        CubicStencil const stencil(x / step_, values_.size());
        double sum = 0;
        for (std::size_t i = 0; i < stencil.weight.size(); ++i) sum += stencil.weight[i] * values_[stencil.begin + i];
        return sum;
    }

private:
    double step_ = 1;
    std::vector<double> values_;
};

} // namespace sqd::simulated
