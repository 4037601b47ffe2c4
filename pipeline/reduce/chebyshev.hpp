// Interpolation of a smooth function between Chebyshev's points.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// Points of the first kind on [low, high] (one point: the middle), and the weights that their values have elsewhere (barycentric form).
class Chebyshev {
public:
    Chebyshev(double low, double high, std::size_t points);
    std::vector<double> const& points() const { return points_; }
    std::vector<double> weights(double x) const;
    static double interpolate(std::vector<double> const& weights, std::vector<double> const& values);

private:
    std::vector<double> points_, factors_;
};

} // namespace sqd
