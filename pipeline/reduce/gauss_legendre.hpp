// Points and weights of Gauss-Legendre quadrature.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// sum weight f(x) = int f dx over [low, high], exact for polynomials up to degree 2 n - 1.
struct Quadrature {
    std::vector<double> x, weight;
};
Quadrature gauss_legendre(std::size_t points, double low, double high);

} // namespace sqd
