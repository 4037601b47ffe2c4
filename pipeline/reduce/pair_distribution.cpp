// From S(q) to G(r).
#include "pipeline/reduce/pair_distribution.hpp"

#include "pipeline/reduce/correlation.hpp"
#include "pipeline/reduce/low_r_cleaning.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace sqd {

namespace {

using Curve = Eigen::Map<Eigen::ArrayXd const>;

constexpr std::array window_names{"none", "lorch", "modified_lorch", "cosine"}; // as in Window

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

// Variance of sum kernel f(q) S(q): the added points move with the data that made them.
double variance_of(Eigen::ArrayXd const& weighted, TransformGrid const& grid) {
    auto spread = fold(grid, {weighted.data(), weighted.data() + weighted.size()});
    for (std::size_t i = 0; i < spread.size(); ++i) spread[i] *= grid.s_sigma[i];
    return variance_of_sum(spread, grid.correlation);
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

// The top of a shell is where G'(r) = (2/pi) sum w q^2 M [S - 1] cos(qr) vanishes: Newton's steps from the highest point of the grid,
// none longer than the grid's. G is known at every r, so no curve is fitted and an asymmetric shell is not moved. Noise shifts the top by
// -dG'/(G'' + dG''): to second order var(r) = var(G')/G''^2 (1 + 3 var(G'')/G''^2). Where noise makes the top's shape, no sigma is known.
void add_shell(PairDistribution& gr, std::size_t maximum, Eigen::ArrayXd const& kernel, Eigen::ArrayXd const& excess,
               TransformGrid const& grid) {
    auto const q = view(grid.q_invA);
    double const longest = gr.r_A[1] - gr.r_A[0];
    double r = gr.r_A[maximum], curvature = 0;
    constexpr int steps = 6; // from within one step of the grid Newton needs three
    for (int i = 0; i < steps; ++i) {
        double const slope = (kernel * q * (q * r).cos() * excess).sum();
        curvature = -(kernel * q * q * (q * r).sin() * excess).sum();
        if (!(curvature < 0)) return;
        r += std::clamp(-slope / curvature, -longest, longest);
    }
    constexpr double expansion_holds = 0.1; // var(G'')/G''^2
    double const shape = variance_of(kernel * q * q * (q * r).sin() / curvature, grid);
    double const first_order = variance_of(kernel * q * (q * r).cos() / curvature, grid);
    gr.shell_r_A.push_back(r);
    gr.shell_sigma_A.push_back(shape < expansion_holds ? std::sqrt(first_order * (1 + 3 * shape))
                                                       : std::numeric_limits<double>::quiet_NaN());
}

} // namespace

std::optional<Window> window_named(std::string const& name) {
    auto const found = std::find(window_names.begin(), window_names.end(), name);
    if (found == window_names.end()) return std::nullopt;
    return static_cast<Window>(found - window_names.begin());
}

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
    auto const grid = transform_grid(sq, config.q_max_invA, config.low_q);
    bool const clean = config.low_r_cut_A > 0 && config.iterations > 0;
    auto const s = clean ? clean_low_r(grid, sq.normalization.density_A3, config.low_r_cut_A, config.iterations, config.r_step_A) : grid.s;
    Eigen::ArrayXd const kernel = kernel_of(grid, config.window), excess = view(s) - 1;

    PairDistribution gr;
    gr.q_max_invA = grid.q_invA.back();
    gr.window = window_names[static_cast<std::size_t>(config.window)];
    gr.low_r_cut_A = config.low_r_cut_A;
    gr.iterations = clean ? config.iterations : 0;
    auto const steps = static_cast<std::size_t>(std::floor(config.r_max_A / config.r_step_A + 1e-9));
    add_g(gr, kernel, excess, grid, config.r_step_A, steps);

    double const from = config.low_r_cut_A > 0 ? config.low_r_cut_A : 1.0;
    for (std::size_t const i : maxima(gr.g, static_cast<std::size_t>(from / config.r_step_A))) add_shell(gr, i, kernel, excess, grid);
    return gr;
}

} // namespace sqd
