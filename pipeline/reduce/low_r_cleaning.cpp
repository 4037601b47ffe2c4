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

// Radii of the integral below the cut, at equal steps.
struct Radii {
    std::size_t count;
    double step;
    Radii(double low_r_cut_A, double step_A)
        : count(static_cast<std::size_t>(std::ceil(low_r_cut_A / step_A))), step(low_r_cut_A / static_cast<double>(count)) {}
    double at(std::size_t i) const { return step * static_cast<double>(i); }
    double weight(std::size_t i) const { return i == count ? step / 2 : step; } ///< of the trapezoid; 1 is the first
};

// (2/pi) w q: what multiplies (S - 1) sin(qr) in G(r)
Eigen::ArrayXd transform_kernel(TransformGrid const& grid) {
    return 2 / std::numbers::pi * view(grid.q_invA) * view(grid.weight);
}

// sum_r factor_r sin(qr) / q, with its limit at q = 0
Eigen::ArrayXd sines_over_q(TransformGrid const& grid, Radii const& radii, std::vector<double> const& factor) {
    Curve const q = view(grid.q_invA);
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(q.size());
    RotatingSines sines(grid.q_invA, radii.step);
    double limit = 0;
    for (std::size_t i = 1; i <= radii.count; ++i) {
        sum += factor[i - 1] * view(sines.advance());
        limit += factor[i - 1] * radii.at(i);
    }
    return (q > 0).select(sum / q.max(1e-300), limit);
}

// sum_q f(q) sin(qr) for every radius
std::vector<double> sine_sums(TransformGrid const& grid, Radii const& radii, Eigen::ArrayXd const& f) {
    RotatingSines sines(grid.q_invA, radii.step);
    std::vector<double> out;
    for (std::size_t i = 1; i <= radii.count; ++i) out.push_back((f * view(sines.advance())).sum());
    return out;
}

// G + 4 pi rho0 r at every radius
std::vector<double> excess_of(TransformGrid const& grid, Radii const& radii, Eigen::ArrayXd const& s, double density_A3) {
    auto out = sine_sums(grid, radii, transform_kernel(grid) * (s - 1));
    for (std::size_t i = 1; i <= radii.count; ++i) out[i - 1] += 4 * std::numbers::pi * density_A3 * radii.at(i);
    return out;
}

// int_0^cut dG sin(qr) dr / q
Eigen::ArrayXd correction_of(TransformGrid const& grid, Radii const& radii, std::vector<double> excess) {
    for (std::size_t i = 1; i <= radii.count; ++i) excess[i - 1] *= radii.weight(i);
    return sines_over_q(grid, radii, excess);
}

} // namespace

std::vector<double> clean_low_r(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A) {
    Radii const radii(low_r_cut_A, step_A);
    Eigen::ArrayXd s = view(grid.s);
    for (int iteration = 0; iteration < iterations; ++iteration) s *= 1 - correction_of(grid, radii, excess_of(grid, radii, s, density_A3));
    return {s.data(), s.data() + s.size()};
}

LowRExcess low_r_excess(TransformGrid const& grid, double density_A3, double low_r_cut_A, int iterations, double step_A) {
    Radii const radii(low_r_cut_A, step_A);
    LowRExcess out{{}, {grid.s}, radii.step, density_A3};
    Eigen::ArrayXd s = view(grid.s);
    out.residual = excess_of(grid, radii, s, density_A3);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        s *= 1 - correction_of(grid, radii, out.residual);
        out.residual = excess_of(grid, radii, s, density_A3);
        out.s.emplace_back(s.data(), s.data() + s.size());
    }
    for (std::size_t i = 1; i <= radii.count; ++i) out.residual[i - 1] *= std::sqrt(radii.weight(i));
    return out;
}

std::vector<double> pull_back(TransformGrid const& grid, LowRExcess const& excess, std::vector<double> const& weight) {
    Radii const radii(excess.step_A * static_cast<double>(weight.size()), excess.step_A);
    Eigen::ArrayXd const kernel = transform_kernel(grid);
    Curve const q = view(grid.q_invA);
    // residual_k = sqrt(w_k) sum kernel (S - 1) sin(qr)
    auto factor = weight;
    for (std::size_t i = 1; i <= radii.count; ++i) factor[i - 1] *= std::sqrt(radii.weight(i));
    Eigen::ArrayXd gradient = kernel * q * sines_over_q(grid, radii, factor);
    // S' = S (1 - K(S)): dS' = (1 - K) dS - S dK, and K is linear in S: first to radii, then to q
    for (std::size_t step = excess.s.size() - 1; step-- > 0;) {
        Curve const s = view(excess.s[step]);
        Eigen::ArrayXd const k = correction_of(grid, radii, excess_of(grid, radii, s, excess.density_A3));
        Eigen::ArrayXd const h = (q > 0).select(gradient * s / q.max(1e-300), 0); // at q = 0 G(r) has no part of S
        auto to_radii = sine_sums(grid, radii, h);
        for (std::size_t i = 1; i <= radii.count; ++i) to_radii[i - 1] *= radii.weight(i);
        gradient = gradient * (1 - k) - kernel * q * sines_over_q(grid, radii, to_radii);
    }
    return {gradient.data(), gradient.data() + gradient.size()};
}

} // namespace sqd
