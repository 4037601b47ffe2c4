// Removes from S(q) what makes G(r) wrong where no atom can be.
#include "pipeline/reduce/low_r_cleaning.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

// Radii of the integral below the cut, at equal steps, and sums of their waves: sin(qr) / q is smooth in q there, so that few q are enough.
class LowRadii {
public:
    LowRadii(TransformGrid const& grid, EvenInterpolation const& smooth, double low_r_cut_A, double step_A)
        : q_(view(grid.q_invA)), count_(static_cast<std::size_t>(std::ceil(low_r_cut_A / step_A))),
          step_(low_r_cut_A / static_cast<double>(count_)), smooth_(smooth) {
        std::vector<double> r;
        for (std::size_t i = 1; i <= count_; ++i) r.push_back(at(i));
        waves_ = sines_over_q(smooth_.nodes(), r);
    }
    std::size_t count() const { return count_; }
    double step() const { return step_; }
    double at(std::size_t i) const { return step_ * static_cast<double>(i); }
    double weight(std::size_t i) const { return i == count_ ? step_ / 2 : step_; } ///< of the trapezoid; 1 is the first

    // sum_r factor_r sin(qr) / q, with its limit at q = 0
    Eigen::ArrayXd sum_over_radii(std::vector<double> const& factor) const {
        return smooth_.values(waves_ * Eigen::Map<Eigen::VectorXd const>(factor.data(), waves_.cols()));
    }
    // sum_q f(q) sin(qr) for every radius, f q gathered
    std::vector<double> sums_over_q(Eigen::VectorXd const& gathered) const {
        Eigen::VectorXd const out = waves_.transpose() * gathered;
        return {out.data(), out.data() + out.size()};
    }
    Eigen::VectorXd gather(Eigen::ArrayXd const& f) const { return smooth_.gather(f * q_); }

private:
    Curve q_;
    std::size_t count_;
    double step_;
    EvenInterpolation const& smooth_;
    Eigen::MatrixXd waves_; ///< sin(qr) / q, a row per node in q, a column per radius
};

// (2/pi) w q: what multiplies (S - 1) sin(qr) in G(r)
Eigen::ArrayXd transform_kernel(TransformGrid const& grid) {
    return 2 / std::numbers::pi * view(grid.q_invA) * view(grid.weight);
}

Eigen::VectorXd gathered_excess(TransformGrid const& grid, LowRadii const& radii, Eigen::ArrayXd const& s) {
    return radii.gather(transform_kernel(grid) * (s - 1));
}

// G + 4 pi rho0 r at every radius
std::vector<double> excess_of(LowRadii const& radii, Eigen::VectorXd const& gathered, double density_A3) {
    auto out = radii.sums_over_q(gathered);
    for (std::size_t i = 1; i <= radii.count(); ++i) out[i - 1] += 4 * std::numbers::pi * density_A3 * radii.at(i);
    return out;
}

// int_0^cut dG sin(qr) dr / q
Eigen::ArrayXd correction_of(LowRadii const& radii, std::vector<double> excess) {
    for (std::size_t i = 1; i <= radii.count(); ++i) excess[i - 1] *= radii.weight(i);
    return radii.sum_over_radii(excess);
}

} // namespace

EvenInterpolation smooth_below(TransformGrid const& grid, double low_r_cut_A) {
    return {grid.q_invA, grid.q_invA.back(), low_r_cut_A};
}

LowRSteps low_r_steps(TransformGrid const& grid, EvenInterpolation const& smooth, double density_A3, double low_r_cut_A, int iterations,
                      double step_A) {
    LowRSteps out{{grid.s}, {}};
    LowRadii const radii(grid, smooth, low_r_cut_A, step_A);
    Eigen::ArrayXd s = view(grid.s);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        auto const& gathered = out.gathered.emplace_back(gathered_excess(grid, radii, s));
        s *= 1 - correction_of(radii, excess_of(radii, gathered, density_A3));
        out.s.emplace_back(s.data(), s.data() + s.size());
    }
    return out;
}

std::vector<double> clean_low_r(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A) {
    return low_r_steps(grid, smooth_below(grid, low_r_cut_A), density_A3, low_r_cut_A, iterations, step_A).s.back();
}

LowRExcess low_r_excess(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A) {
    auto const smooth = smooth_below(grid, low_r_cut_A);
    LowRadii const radii(grid, smooth, low_r_cut_A, step_A);
    LowRExcess out{{}, {grid.s}, radii.step(), density_A3};
    Eigen::ArrayXd s = view(grid.s);
    out.residual = excess_of(radii, gathered_excess(grid, radii, s), density_A3);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        s *= 1 - correction_of(radii, out.residual);
        out.residual = excess_of(radii, gathered_excess(grid, radii, s), density_A3);
        out.s.emplace_back(s.data(), s.data() + s.size());
    }
    for (std::size_t i = 1; i <= radii.count(); ++i) out.residual[i - 1] *= std::sqrt(radii.weight(i));
    return out;
}

std::vector<double> pull_back(TransformGrid const& grid, LowRExcess const& excess, std::vector<double> const& weight) {
    double const low_r_cut_A = excess.step_A * static_cast<double>(weight.size());
    auto const smooth = smooth_below(grid, low_r_cut_A);
    LowRadii const radii(grid, smooth, low_r_cut_A, excess.step_A);
    Eigen::ArrayXd const kernel = transform_kernel(grid);
    Curve const q = view(grid.q_invA);
    // residual_k = sqrt(w_k) sum kernel (S - 1) sin(qr)
    auto factor = weight;
    for (std::size_t i = 1; i <= radii.count(); ++i) factor[i - 1] *= std::sqrt(radii.weight(i));
    Eigen::ArrayXd gradient = kernel * q * radii.sum_over_radii(factor);
    // S' = S (1 - K(S)): dS' = (1 - K) dS - S dK, and K is linear in S: first to radii, then to q
    for (std::size_t step = excess.s.size() - 1; step-- > 0;) {
        Curve const s = view(excess.s[step]);
        Eigen::ArrayXd const k = correction_of(radii, excess_of(radii, gathered_excess(grid, radii, s), excess.density_A3));
        Eigen::ArrayXd const h = (q > 0).select(gradient * s / q.max(1e-300), 0); // at q = 0 G(r) has no part of S
        auto to_radii = radii.sums_over_q(radii.gather(h));
        for (std::size_t i = 1; i <= radii.count(); ++i) to_radii[i - 1] *= radii.weight(i);
        gradient = gradient * (1 - k) - kernel * q * radii.sum_over_radii(to_radii);
    }
    return {gradient.data(), gradient.data() + gradient.size()};
}

} // namespace sqd
