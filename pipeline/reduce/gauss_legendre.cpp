// Gauss-Legendre quadrature: roots of the Legendre polynomials by Newton's method.
#include "pipeline/reduce/gauss_legendre.hpp"

#include <cmath>
#include <numbers>

namespace sqd {

namespace {

struct Legendre {
    double value, slope;
};

// P_n(x) and its derivative, by the three-term recurrence; x inside ]-1, 1[.
Legendre legendre(std::size_t n, double x) {
    double before = 1, value = x;
    for (std::size_t k = 2; k <= n; ++k) {
        auto const degree = static_cast<double>(k);
        double const next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
        before = value;
        value = next;
    }
    return {value, static_cast<double>(n) * (x * value - before) / (x * x - 1)};
}

} // namespace

Quadrature gauss_legendre(std::size_t points, double low, double high) {
    constexpr int steps = 8; // from Chebyshev's guess Newton needs five
    Quadrature out;
    for (std::size_t i = points; i-- > 0;) {
        double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(points) + 0.5));
        for (int step = 0; step < steps; ++step) {
            auto const p = legendre(points, x);
            double const before = x;
            x -= p.value / p.slope;
            if (x == before) break;
        }
        double const slope = legendre(points, x).slope;
        out.x.push_back((low + high) / 2 + (high - low) / 2 * x);
        out.weight.push_back((high - low) / ((1 - x * x) * slope * slope));
    }
    return out;
}

} // namespace sqd
