// How S(q) after low-r cleaning hangs on S(q) before it.
#include "pipeline/reduce/low_r_response.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/lane_loops.hpp"

#include <algorithm>
#include <cstddef>
#include <numbers>
#include <span>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

// sin(q r_m) / q of the radii that stand for all below the cut, both ways round, and the weights between them.
struct Waves {
    std::size_t radii;              ///< as many as whole blocks of lanes have; the last ones are 0
    Eigen::ArrayXd by_q, by_radius; ///< every number is written once
    std::vector<double> weight;

    Waves(std::vector<double> const& q_invA, LowRModel const& model) {
        auto const& multiple = model.basis.multiple;
        std::size_t const n = q_invA.size();
        radii = (multiple.size() + lanes - 1) / lanes * lanes;
        by_q.resize(static_cast<Eigen::Index>(n * radii));
        by_radius.resize(by_q.size());
        by_radius.tail(static_cast<Eigen::Index>(n * (radii - multiple.size()))) = 0;
        weight.assign(radii * radii, 0.0);
        std::vector<double> cosine(n);
        Curve const q = view(q_invA);
        Eigen::ArrayXd const over_q = 1 / q.max(1e-300);
        for (std::size_t m = 0; m < multiple.size(); ++m) {
            std::span const row(by_radius.data() + m * n, n);
            double const r = model.step_A * static_cast<double>(multiple[m]);
            sines_and_cosines(q_invA, r, row, cosine);
            Eigen::Map<Eigen::ArrayXd> wave(row.data(), q.size());
            wave = (q > 0).select(wave * over_q, r);
            for (std::size_t k = 0; k < multiple.size(); ++k)
                weight[m * radii + k] = model.basis.weight(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(k));
        }
        for (std::size_t m = 0; m < radii; m += lanes) // blocks that stay near
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t k = m; k < m + lanes; ++k) by_q.data()[i * radii + k] = by_radius.data()[k * n + i];
    }
};

} // namespace

Image<double> before_cleaning(TransformGrid const& grid, LowRModel const& model, Image<double> const& weights) {
    Waves const waves(grid.q_invA, model);
    Eigen::ArrayXd const kernel = 2 / std::numbers::pi * view(grid.weight) * view(grid.q_invA).square(); // of the waves
    std::size_t const n = grid.q_invA.size();
    constexpr std::size_t most_rows = 8; // at a time: they stay near
    Image<double> out = weights;
    std::vector<double> moved(most_rows * n), at_r(most_rows * waves.radii), weighted(most_rows * waves.radii);
    for (std::size_t row = 0; row < out.rows; row += most_rows) {
        std::size_t const rows = std::min(most_rows, out.rows - row);
        auto const curve = [&](std::vector<double>& all, std::size_t of, std::size_t k) {
            return Eigen::Map<Eigen::ArrayXd>(all.data() + (of + k) * n, static_cast<Eigen::Index>(n));
        };
        std::span const part(moved.data(), rows * n), radii(at_r.data(), rows * waves.radii), sums(weighted.data(), radii.size());
        for (std::size_t step = model.before.size(); step-- > 0;) {
            for (std::size_t k = 0; k < rows; ++k) curve(moved, 0, k) = model.before[step] * curve(out.pixels, row, k);
            multiply_rows({part, n}, {{waves.by_q.data(), n * waves.radii}, waves.radii}, radii);
            multiply_rows({radii, waves.radii}, {waves.weight, waves.radii}, sums);
            multiply_rows({sums, waves.radii}, {{waves.by_radius.data(), n * waves.radii}, n}, part);
            for (std::size_t k = 0; k < rows; ++k) {
                auto each = curve(out.pixels, row, k);
                each = model.factors[step] * each - kernel * curve(moved, 0, k);
            }
        }
    }
    return out;
}

} // namespace sqd
