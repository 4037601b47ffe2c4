// A glass that exists only in tests: G(r) in closed form, S(q) by direct summation; shares no code with the reduction.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace sqd::test {

/// No atoms below about 2 A (G = -4 pi rho0 r), damped oscillations of period 2 pi / 2.6 beyond; S lies between 0 and 3.5.
struct VirtualGlass {
    double density_A3 = 0.06049;

    double g(double r) const {
        double const inside = 0.5 * std::erfc((r - 2.2) / 0.15);
        double const shells = 3 * std::exp(-r / 6) * std::cos(2.6 * (r - 2.85));
        return -4 * std::numbers::pi * density_A3 * r * inside + (1 - inside) * shells;
    }

    /// S(q) = 1 + (1/q) int G(r) sin(qr) dr.
    std::vector<double> s(std::vector<double> const& q) const {
        constexpr double step = 0.02;
        constexpr std::size_t points = 4500;
        std::vector<double> table(points);
        for (std::size_t k = 0; k < points; ++k) table[k] = step * g(step * static_cast<double>(k));
        std::vector<double> result;
        for (double const each : q) {
            double sum = 0;
            for (std::size_t k = 1; k < points; ++k) sum += table[k] * std::sin(each * step * static_cast<double>(k));
            result.push_back(1 + sum / each);
        }
        return result;
    }
};

/// Centres of `count` bins that share [low, high] evenly.
inline std::vector<double> bin_centres(double low, double high, std::size_t count) {
    std::vector<double> q;
    for (std::size_t i = 0; i < count; ++i) q.push_back(low + (high - low) * (static_cast<double>(i) + 0.5) / static_cast<double>(count));
    return q;
}

} // namespace sqd::test
