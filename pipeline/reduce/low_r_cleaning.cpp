// Removes from S(q) what makes G(r) wrong where no atom can be.
#include "pipeline/reduce/low_r_cleaning.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

Curve view(std::vector<double> const& v) {
    return {v.data(), static_cast<Eigen::Index>(v.size())};
}

} // namespace

std::vector<double> clean_low_r(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A) {
    auto const steps = static_cast<std::size_t>(std::ceil(low_r_cut_A / step_A));
    double const step = low_r_cut_A / static_cast<double>(steps);
    Curve const q = view(grid.q_invA);
    Eigen::ArrayXd const kernel = 2 / std::numbers::pi * q * view(grid.weight);
    Eigen::ArrayXd s = view(grid.s);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        Eigen::ArrayXd const spectrum = kernel * (s - 1);
        Eigen::ArrayXd correction = Eigen::ArrayXd::Zero(s.size()); // int dG sin(qr) / q dr
        RotatingSines sines(grid.q_invA, step);
        double limit = 0; // of int dG sin(qr) / q dr for q -> 0: int dG r dr
        for (std::size_t i = 1; i <= steps; ++i) {
            Curve const sine = view(sines.advance());
            double const r = step * static_cast<double>(i), trapezoid = i == steps ? step / 2 : step;
            double const excess = trapezoid * ((spectrum * sine).sum() + 4 * std::numbers::pi * density_A3 * r);
            correction += excess * sine;
            limit += excess * r;
        }
        correction = (q > 0).select(correction / q.max(1e-300), limit);
        s *= 1 - correction;
    }
    return {s.data(), s.data() + s.size()};
}

} // namespace sqd
