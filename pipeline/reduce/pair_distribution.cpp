// From S(q) to G(r).
#include "pipeline/reduce/pair_distribution.hpp"

#include "pipeline/reduce/low_r_cleaning.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

Curve view(std::vector<double> const& v) {
    return {v.data(), static_cast<Eigen::Index>(v.size())};
}

// (2/pi) w q M(q): what multiplies [S - 1] sin(qr) in G(r).
Eigen::ArrayXd kernel_of(TransformGrid const& grid, Window window) {
    Eigen::ArrayXd kernel(static_cast<Eigen::Index>(grid.q_invA.size()));
    for (std::size_t i = 0; i < grid.q_invA.size(); ++i) {
        double const q = grid.q_invA[i];
        kernel[static_cast<Eigen::Index>(i)] = 2 / std::numbers::pi * grid.weight[i] * q * window_factor(window, q, grid.q_invA.back());
    }
    return kernel;
}

// Variance of sum kernel f(q) S(q): the added points move with the first datum.
double variance_of(Eigen::ArrayXd const& weighted, TransformGrid const& grid) {
    auto const tail = static_cast<Eigen::Index>(grid.q_invA.size() - grid.first_datum - 1);
    double const common = weighted.head(weighted.size() - tail).sum() * grid.s_sigma[grid.first_datum];
    return common * common + (weighted.tail(tail) * view(grid.s_sigma).tail(tail)).square().sum();
}

void add_g(PairDistribution& gr, Eigen::ArrayXd const& kernel, Eigen::ArrayXd const& excess, TransformGrid const& grid, double step_A,
           std::size_t steps) {
    RotatingSines sines(grid.q_invA, step_A);
    Eigen::ArrayXd weighted(kernel.size());
    for (std::size_t i = 1; i <= steps; ++i) {
        weighted = kernel * view(sines.advance());
        gr.r_A.push_back(step_A * static_cast<double>(i));
        gr.g.push_back((weighted * excess).sum());
        gr.g_sigma.push_back(std::sqrt(variance_of(weighted, grid)));
    }
}

// Lowest value between the maximum and the next higher point on one side.
double valley(std::vector<double> const& g, std::size_t first, std::size_t at, int direction) {
    double lowest = g[at];
    for (std::size_t i = at; i > first && i + 1 < g.size() && g[i] <= g[at];) {
        i = direction > 0 ? i + 1 : i - 1;
        lowest = std::min(lowest, g[i]);
    }
    return lowest;
}

// Indices of the maxima beyond `first` that stand out above both their valleys.
std::vector<std::size_t> maxima(std::vector<double> const& g, std::size_t first) {
    constexpr double standing_out = 0.2;
    constexpr std::size_t most = 4;
    std::vector<std::size_t> found;
    if (first + 2 >= g.size()) return found;
    double const highest = *std::max_element(g.begin() + static_cast<std::ptrdiff_t>(first), g.end());
    for (std::size_t i = first + 1; i + 1 < g.size() && found.size() < most; ++i) {
        if (g[i] <= g[i - 1] || g[i] < g[i + 1]) continue;
        double const prominence = g[i] - std::max(valley(g, first, i, -1), valley(g, first, i, 1));
        if (prominence >= standing_out * highest) found.push_back(i);
    }
    return found;
}

// Points on either side of a maximum that make its top: 1.2 times what the range of q resolves, within what a shell of a glass is wide
// and what noise between neighbouring resolution elements does not reshape.
std::size_t top_half_width(PairDistribution const& gr) {
    double const width_A = std::clamp(1.2 * std::numbers::pi / gr.q_max_invA, 0.2, 0.3);
    return std::max(static_cast<std::size_t>(std::lround(width_A / (gr.r_A[1] - gr.r_A[0]))), std::size_t{2});
}

// Least squares of a parabola over the points centre - n ... centre + n, in steps from the centre: its top, and what each point
// contributes to its shift.
struct ParabolaTop {
    double offset = 0;
    std::vector<double> by_point; ///< d offset / d g
};

ParabolaTop parabola_top(std::vector<double> const& g, std::size_t centre, std::size_t n) {
    std::vector<double> x;
    double x2 = 0, x4 = 0, b = 0, c = 0;
    for (std::size_t i = 0; i <= 2 * n; ++i) {
        x.push_back(static_cast<double>(i) - static_cast<double>(n));
        x2 += x[i] * x[i];
        x4 += std::pow(x[i], 4);
    }
    double const mean = x2 / static_cast<double>(x.size()), spread = x4 - x2 * mean;
    for (std::size_t i = 0; i < x.size(); ++i) {
        b += x[i] * g[centre - n + i] / x2;
        c += (x[i] * x[i] - mean) * g[centre - n + i] / spread;
    }
    ParabolaTop top{-b / (2 * c), {}};
    for (double const each : x) top.by_point.push_back(-(each / x2 + 2 * top.offset * (each * each - mean) / spread) / (2 * c));
    return top;
}

// The top of a shell; its sigma is that of the parabola's, linear in G and so in S.
void add_shell(PairDistribution& gr, std::size_t maximum, Eigen::ArrayXd const& kernel, TransformGrid const& grid) {
    std::size_t const n = std::min({top_half_width(gr), maximum, gr.g.size() - 1 - maximum});
    std::size_t centre = maximum;
    ParabolaTop top = parabola_top(gr.g, centre, n);
    for (int again = 0; again < 3 && std::abs(top.offset) > 0.5; ++again) { // the highest point of a noisy top is not its middle
        double const moved =
            std::round(static_cast<double>(centre) + std::clamp(top.offset, -0.5 * static_cast<double>(n), 0.5 * static_cast<double>(n)));
        if (!(moved >= static_cast<double>(n) && moved + static_cast<double>(n) < static_cast<double>(gr.g.size()))) break;
        centre = static_cast<std::size_t>(moved);
        top = parabola_top(gr.g, centre, n);
    }
    double const step = gr.r_A[1] - gr.r_A[0];
    Eigen::ArrayXd weighted = Eigen::ArrayXd::Zero(kernel.size());
    for (std::size_t i = 0; i < top.by_point.size(); ++i) weighted += top.by_point[i] * (view(grid.q_invA) * gr.r_A[centre - n + i]).sin();
    weighted *= kernel * step;
    gr.shell_r_A.push_back(gr.r_A[centre] + top.offset * step);
    gr.shell_sigma_A.push_back(std::sqrt(variance_of(weighted, grid)));
}

} // namespace

double window_factor(Window window, double q_invA, double q_max_invA) {
    double const x = std::numbers::pi * q_invA / q_max_invA;
    double const flat = 2 * q_max_invA / 3;
    switch (window) {
    case Window::none: return 1;
    case Window::lorch: return x > 1e-8 ? std::sin(x) / x : 1;
    case Window::modified_lorch: return x > 1e-3 ? 3 * (std::sin(x) - x * std::cos(x)) / (x * x * x) : 1 - x * x / 10;
    case Window::cosine: return q_invA < flat ? 1 : (1 + std::cos(std::numbers::pi * (q_invA - flat) / (q_max_invA - flat))) / 2;
    }
    return 1;
}

PairDistribution pair_distribution(StructureFactor const& sq, PairDistributionConfig const& config) {
    auto const grid = transform_grid(sq, config.q_max_invA);
    bool const clean = config.low_r_cut_A > 0 && config.iterations > 0;
    auto const s = clean ? clean_low_r(grid, sq.normalization.density_A3, config.low_r_cut_A, config.iterations, config.r_step_A) : grid.s;
    Eigen::ArrayXd const kernel = kernel_of(grid, config.window), excess = view(s) - 1;

    constexpr std::array names{"none", "lorch", "modified_lorch", "cosine"};
    PairDistribution gr;
    gr.q_max_invA = grid.q_invA.back();
    gr.window = names[static_cast<std::size_t>(config.window)];
    gr.low_r_cut_A = config.low_r_cut_A;
    gr.iterations = clean ? config.iterations : 0;
    auto const steps = static_cast<std::size_t>(std::floor(config.r_max_A / config.r_step_A + 1e-9));
    add_g(gr, kernel, excess, grid, config.r_step_A, steps);

    double const from = config.low_r_cut_A > 0 ? config.low_r_cut_A : 1.0;
    for (std::size_t const i : maxima(gr.g, static_cast<std::size_t>(from / config.r_step_A))) add_shell(gr, i, kernel, grid);
    return gr;
}

} // namespace sqd
