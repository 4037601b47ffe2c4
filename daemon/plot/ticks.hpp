// Where an axis has its marks.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct Tick {
    double at = 0;
    std::string label;
};

/// Marks at 1, 2 or 5 times a power of ten inside [low, high], about `wanted` of them, with as many decimals as tell them apart; low <
/// high.
std::vector<Tick> ticks(double low, double high, int wanted);

/// The range of all finite values, and `margin` of it on either side; something around a single value; [0, 1] without any.
std::pair<double, double> range_of(std::vector<double> const& values, double margin);

/// The same between the `cut` smallest and largest parts of the values: what a few wild ones cannot stretch.
std::pair<double, double> robust_range(std::vector<double> values, double cut);

} // namespace sqd
