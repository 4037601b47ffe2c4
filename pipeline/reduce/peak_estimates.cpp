// Where a peak is, without a model of its shape.
#include "pipeline/reduce/peak_estimates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sqd {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

// Weighted least squares of a parabola; its top, or NaN when it opens upwards.
double parabola_top(std::vector<double> const& q, std::vector<double> const& y, std::vector<double> const& weight) {
    double const scale = q.back() - q.front();
    std::array<double, 5> s{};
    std::array<double, 3> t{};
    for (std::size_t i = 0; i < q.size(); ++i) {
        double const x = q[i] / scale;
        double power = weight[i];
        for (std::size_t k = 0; k < s.size(); ++k, power *= x) {
            s[k] += power;
            if (k < t.size()) t[k] += power * y[i];
        }
    }
    auto const det = [](double a, double b, double c, double d, double e, double f, double g, double h, double i) {
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    };
    double const all = det(s[0], s[1], s[2], s[1], s[2], s[3], s[2], s[3], s[4]);
    double const linear = det(s[0], t[0], s[2], s[1], t[1], s[3], s[2], t[2], s[4]) / all;
    double const square = det(s[0], s[1], t[0], s[1], s[2], t[1], s[2], s[3], t[2]) / all;
    return square < 0 ? -scale * linear / (2 * square) : not_known;
}

double edge_level(std::vector<double> const& y) {
    return std::max(mean_of(y, 0, 3), mean_of(y, y.size() - 3, 3));
}

double centroid(std::vector<double> const& q, std::vector<double> const& y, std::size_t top) {
    double const level = std::max(mean_of(y, top - 2, 5) / 2, edge_level(y));
    auto const [first, last] = points_above(y, top, level);
    double area = 0, moment = 0;
    for (std::size_t i = first > 0 ? first - 1 : 0; i < std::min(last + 1, q.size() - 1); ++i) {
        double a = y[i] - level, b = y[i + 1] - level, from = q[i], to = q[i + 1];
        if (a <= 0 && b <= 0) continue;
        double const crossing = from + (to - from) * a / (a - b);
        if (a < 0) {
            from = crossing;
            a = 0;
        }
        if (b < 0) {
            to = crossing;
            b = 0;
        }
        area += (to - from) * (a + b) / 2;
        moment += (to - from) * (a * (2 * from + to) + b * (from + 2 * to)) / 6;
    }
    return area > 0 ? moment / area : not_known;
}

// d position / d y_i by central differences; positions move by far less than a point.
template <class Position>
std::vector<double> response_of(std::vector<double> y, std::size_t top, Position const& position) {
    double const step = 1e-4 * std::abs(y[top]);
    std::vector<double> out;
    for (double& each : y) {
        double const here = each;
        each = here + step;
        double const up = position(y);
        each = here - step;
        double const down = position(y);
        each = here;
        out.push_back((up - down) / (2 * step));
    }
    return out;
}

// Weights of the points of the parabola.
std::vector<double> cap(PeakWindow const& w, PeakParameters const& fit) {
    std::vector<double> weight;
    for (double const q : w.q) weight.push_back(peak_value(fit, q));
    double const top = *std::max_element(weight.begin(), weight.end());
    for (double& each : weight) each = std::clamp((each / top - 0.8) / 0.1, 0.0, 1.0);
    return weight;
}

} // namespace

double parabola_position(PeakWindow const& w, PeakParameters const& fit) {
    auto const weight = cap(w, fit);
    if (std::count_if(weight.begin(), weight.end(), [](double each) { return each > 0; }) < 5) return not_known;
    double const at = parabola_top(w.q, w.y, weight);
    return at > w.q.front() && at < w.q.back() ? w.middle + at : not_known;
}

double centroid_position(PeakWindow const& w, std::size_t top) {
    return w.middle + centroid(w.q, w.y, top);
}

std::vector<double> parabola_response(PeakWindow const& w, PeakFit const& fit) {
    auto const weight = cap(w, fit.parameters);
    auto out = response_of(w.y, top_of(w.y), [&](std::vector<double> const& y) { return parabola_top(w.q, y, weight); });
    if (!fit.proper_minimum()) return out;
    for (std::size_t k = 0; k < peak_parameters; ++k) {
        double const step = 1e-4 * std::max(std::abs(fit.parameters[k]), 0.1);
        auto up = fit.parameters, down = fit.parameters;
        up[k] += step;
        down[k] -= step;
        double const effect = (parabola_top(w.q, w.y, cap(w, up)) - parabola_top(w.q, w.y, cap(w, down))) / (2 * step);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += effect * fit.response[k][i];
    }
    return out;
}

std::vector<double> centroid_response(PeakWindow const& w, std::size_t top) {
    return response_of(w.y, top, [&](std::vector<double> const& y) { return centroid(w.q, y, top); });
}

} // namespace sqd
