// From S(q) to G(r).
#include "pipeline/reduce/pair_distribution.hpp"

#include "pipeline/reduce/g_errors.hpp"
#include "pipeline/reduce/shells.hpp"
#include "pipeline/reduce/spectrum.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace sqd {

namespace {

void add_g(PairDistribution& gr, Spectrum const& spectrum) {
    double const step = spectrum.config.r_step_A;
    auto const steps = static_cast<std::size_t>(std::floor(spectrum.config.r_max_A / step + 1e-9));
    for (std::size_t i = 1; i <= steps; ++i) gr.r_A.push_back(step * static_cast<double>(i));
    auto g = g_with_spread(spectrum, gr.r_A);
    gr.g = std::move(g.values);
    if (!spectrum.config.errors) gr.g_sigma.assign(gr.g.size(), std::numeric_limits<double>::quiet_NaN());
    for (auto const& spread : g.spread) {
        gr.g_sigma.push_back(spread.sigma);
        if (!spectrum.errors.background_sigma.empty()) gr.g_background_sigma.push_back(spread.background_sigma);
    }
}

} // namespace

PairDistribution pair_distribution(StructureFactor const& sq, PairDistributionConfig const& config) {
    auto const made_of = spectrum(sq, config);
    constexpr std::array methods{"eggert", "top_hat"};
    PairDistribution gr;
    gr.q_max_invA = made_of.grid.q_invA.back();
    gr.window = name(config.window);
    gr.low_r_cut_A = config.low_r_cut_A;
    gr.iterations = static_cast<int>(made_of.before.size());
    gr.density_A3 = sq.normalization.density_A3;
    if (gr.iterations > 0) {
        gr.low_r_method = methods[static_cast<std::size_t>(config.low_r_method)];
        if (config.low_r_method == LowRMethod::top_hat) gr.top_hat_invA = config.top_hat_invA;
    }
    add_g(gr, made_of);
    constexpr double no_atoms_A = 1;
    gr.shells = find_shells(made_of, gr.r_A, gr.g, config.low_r_cut_A > 0 ? config.low_r_cut_A : no_atoms_A, gr.density_A3 > 0);
    return gr;
}

} // namespace sqd
