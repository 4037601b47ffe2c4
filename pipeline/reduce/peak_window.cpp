// The points of a curve about its first sharp diffraction peak.
#include "pipeline/reduce/peak_window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sqd {

namespace {

std::vector<double> smoothed(std::vector<double> const& sigma) {
    constexpr std::size_t reach = 5;
    std::vector<double> out;
    for (std::size_t i = 0; i < sigma.size(); ++i) {
        std::size_t const first = i > reach ? i - reach : 0, last = std::min(i + reach, sigma.size() - 1);
        double sum = 0;
        for (std::size_t k = first; k <= last; ++k) sum += sigma[k] * sigma[k];
        out.push_back(std::sqrt(sum / static_cast<double>(last - first + 1)));
    }
    return out;
}

} // namespace

PeakWindow peak_window(PeakCurve const& curve, double low, double high, std::vector<std::pair<double, double>> const& left_out) {
    PeakWindow w;
    w.low = low;
    w.high = high;
    w.middle = (low + high) / 2;
    auto const without = [&left_out](double q) {
        return std::any_of(left_out.begin(), left_out.end(), [q](auto const& range) { return q >= range.first && q <= range.second; });
    };
    for (std::size_t i = 0; i < curve.q_invA.size(); ++i) {
        double const q = curve.q_invA[i];
        if (q < low || q > high || !std::isfinite(curve.y[i]) || without(q)) continue;
        w.point.push_back(i);
        w.q.push_back(q - w.middle);
        w.y.push_back(curve.y[i]);
        w.sigma.push_back(std::abs(curve.errors.direct[i]) * curve.errors.sigma[i]);
    }
    bool const known = std::all_of(w.sigma.begin(), w.sigma.end(), [](double sigma) { return sigma > 0; });
    if (!known) w.sigma.clear();
    w.smooth_sigma = smoothed(w.sigma);
    return w;
}

PeakBounds peak_bounds(PeakWindow const& w) {
    constexpr double any = std::numeric_limits<double>::max();
    double const width = w.high - w.low, step = width / static_cast<double>(w.q.size());
    return {{0, w.low - w.middle, step, step, 0, 0, -any, -any}, {any, w.high - w.middle, width, width, 1, 1, any, any}};
}

std::size_t top_of(std::vector<double> const& y) {
    std::size_t best = 2;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 2; i + 2 < y.size(); ++i) {
        double const mean = y[i - 2] + y[i - 1] + y[i] + y[i + 1] + y[i + 2];
        if (mean > highest) {
            highest = mean;
            best = i;
        }
    }
    return best;
}

double mean_of(std::vector<double> const& y, std::size_t first, std::size_t count) {
    auto const from = y.begin() + static_cast<std::ptrdiff_t>(first);
    return std::accumulate(from, from + static_cast<std::ptrdiff_t>(count), 0.0) / static_cast<double>(count);
}

std::pair<std::size_t, std::size_t> points_above(std::vector<double> const& y, std::size_t top, double level) {
    std::size_t first = top, last = top;
    while (first > 1 && y[first - 1] + y[first] + y[first - 2] > 3 * level) --first;
    while (last + 2 < y.size() && y[last + 1] + y[last] + y[last + 2] > 3 * level) ++last;
    return {first, last};
}

PeakParameters starting_peak(PeakWindow const& w) {
    std::size_t const top = top_of(w.y);
    double const left = mean_of(w.y, 0, 3), right = mean_of(w.y, w.y.size() - 3, 3), peak = mean_of(w.y, top - 2, 5);
    double const tilt = (right - left) / (w.q.back() - w.q.front());
    double const line = left + tilt * (w.q[top] - w.q.front());
    auto const [first, last] = points_above(w.y, top, (peak + line) / 2);
    double const least = 2 * (w.q.back() - w.q.front()) / static_cast<double>(w.q.size());
    return {peak - line,
            w.q[top],
            std::max(w.q[top] - w.q[first], least),
            std::max(w.q[last] - w.q[top], least),
            0.5,
            0.5,
            left - tilt * w.q.front(),
            tilt};
}

} // namespace sqd
