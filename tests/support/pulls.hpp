// How far results of repeated draws lie from the truth, in quoted errors.
#pragma once

#include <cmath>

namespace sqd::test {

/// Mean and width of pulls.
struct Pulls {
    double sum = 0, square = 0;
    int count = 0;
    void add(double x) {
        sum += x;
        square += x * x;
        ++count;
    }
    double mean() const { return sum / count; }
    double deviation() const { return std::sqrt(square / count - mean() * mean()); }
};

} // namespace sqd::test
