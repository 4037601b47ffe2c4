#include "pipeline/reduce/low_r_factors.hpp"

#include "pipeline/reduce/even_interpolation.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <numbers>

namespace sqd {

namespace {

Eigen::Map<Eigen::ArrayXd const> view(std::vector<double> const& v) {
    return {v.data(), static_cast<Eigen::Index>(v.size())};
}

} // namespace

std::vector<Eigen::ArrayXd> low_r_factors(std::vector<double> const& q_invA, LowRSteps const& steps) {
    auto const radii = band_limited_quadrature(q_invA.back(), 0, steps.low_r_cut_A);
    EvenInterpolation const smooth(q_invA, q_invA.back(), steps.low_r_cut_A);
    Eigen::MatrixXd const waves = sines_over_q(smooth.nodes(), radii.x);
    Eigen::ArrayXd const kernel = 2 / std::numbers::pi * view(steps.weight) * view(q_invA).square();
    std::vector<Eigen::ArrayXd> out;
    for (auto const& s : steps.before) {
        Eigen::ArrayXd const g = waves.transpose() * smooth.gather(kernel * (view(s) - 1));
        Eigen::ArrayXd const excess = view(radii.weight) * (g + 4 * std::numbers::pi * steps.density_A3 * view(radii.x));
        out.emplace_back(1 - smooth.values(waves * excess.matrix()));
    }
    return out;
}

} // namespace sqd
