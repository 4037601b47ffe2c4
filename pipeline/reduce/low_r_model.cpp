// What low-r cleaning did to S(q), so that its errors can follow.
#include "pipeline/reduce/low_r_model.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <cstddef>
#include <numbers>

namespace sqd {

LowRModel low_r_model(TransformGrid const& grid, LowRSteps const& steps, EvenInterpolation const& smooth, double density_A3,
                      double low_r_cut_A, double step_A) {
    auto const radii = band_limited_quadrature(grid.q_invA.back(), 0, low_r_cut_A);
    LowRModel out{{}, {}, low_r_basis(grid.q_invA.back(), radii, low_r_cut_A, step_A), step_A};
    Eigen::MatrixXd const waves = sines_over_q(smooth.nodes(), radii.x);
    for (std::size_t i = 0; i < steps.gathered.size(); ++i) {
        Eigen::ArrayXd const g = waves.transpose() * steps.gathered[i];
        Eigen::ArrayXd const excess = view(radii.weight) * (g + 4 * std::numbers::pi * density_A3 * view(radii.x));
        out.before.emplace_back(view(steps.s[i]));
        out.factors.emplace_back(1 - smooth.values(waves * excess.matrix()));
    }
    return out;
}

} // namespace sqd
