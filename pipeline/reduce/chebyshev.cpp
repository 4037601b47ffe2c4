// Chebyshev interpolation in barycentric form: Berrut & Trefethen, SIAM Review 46 (2004) 501, eq. 4.2 and 5.3.
#include "pipeline/reduce/chebyshev.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

namespace sqd {

Chebyshev::Chebyshev(double low, double high, std::size_t points) {
    for (std::size_t i = 0; i < points; ++i) {
        double const angle = std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(points);
        points_.push_back((low + high) / 2 - (high - low) / 2 * std::cos(angle));
        factors_.push_back((i % 2 == 0 ? 1 : -1) * std::sin(angle));
    }
}

std::vector<double> Chebyshev::weights(double x) const {
    std::vector<double> out(points_.size());
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (x == points_[i]) {
            out.assign(out.size(), 0);
            out[i] = 1;
            return out;
        }
        out[i] = factors_[i] / (x - points_[i]);
        sum += out[i];
    }
    for (double& weight : out) weight /= sum;
    return out;
}

double Chebyshev::interpolate(std::vector<double> const& weights, std::vector<double> const& values) {
    return std::inner_product(weights.begin(), weights.end(), values.begin(), 0.0);
}

} // namespace sqd
