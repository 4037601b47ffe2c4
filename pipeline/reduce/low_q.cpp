// S(q) below its first datum.
#include "pipeline/reduce/low_q.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

// Least squares of a + b q^2: both coefficients as weights of the data.
void fit_parabola(std::vector<double> const& q, std::size_t points, LowQModel& model) {
    double const n = static_cast<double>(points);
    double x = 0, xx = 0;
    for (std::size_t m = 0; m < points; ++m) {
        x += q[m] * q[m];
        xx += std::pow(q[m], 4);
    }
    double const determinant = n * xx - x * x;
    for (std::size_t m = 0; m < points; ++m) {
        model.weight[0].push_back((xx - x * q[m] * q[m]) / determinant);
        model.weight[2].push_back((n * q[m] * q[m] - x) / determinant);
    }
}

} // namespace

std::string name(LowQ low_q) {
    switch (low_q) {
    case LowQ::constant: return "constant";
    case LowQ::linear: return "linear";
    case LowQ::parabola: return "parabola";
    case LowQ::none: return "none";
    }
    return "unknown";
}

LowQModel low_q_model(LowQ low_q, std::vector<double> const& q_invA) {
    constexpr double range_invA = 0.3;
    constexpr std::size_t fewest = 3;
    LowQModel model;
    if (low_q == LowQ::none || q_invA.empty()) return model;
    model.end_invA = q_invA.front();
    auto const near =
        static_cast<std::size_t>(std::upper_bound(q_invA.begin(), q_invA.end(), q_invA.front() + range_invA) - q_invA.begin());
    if (low_q == LowQ::parabola && q_invA.size() >= fewest)
        fit_parabola(q_invA, std::max(near, fewest), model);
    else if (low_q == LowQ::linear && q_invA.front() > 0)
        model.weight[1] = {1 / q_invA.front()};
    else
        model.weight[0] = {1};
    return model;
}

std::vector<double> low_q_weights(LowQModel const& model, double q_invA) {
    std::vector<double> out;
    double power = 1;
    for (auto const& weight : model.weight) {
        out.resize(std::max(out.size(), weight.size()), 0.0);
        for (std::size_t m = 0; m < weight.size(); ++m) out[m] += weight[m] * power;
        power *= q_invA;
    }
    return out;
}

} // namespace sqd
