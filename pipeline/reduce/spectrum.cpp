// What G(r) is made of, and how everything that is read off it hangs on the data.
#include "pipeline/reduce/spectrum.hpp"

#include "pipeline/reduce/band_limited.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "pipeline/reduce/low_r_response.hpp"
#include "pipeline/reduce/top_hat.hpp"

#include <algorithm>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <utility>

namespace sqd {

namespace {

CurveErrors errors_of(StructureFactor const& sq) {
    if (!sq.errors.direct.empty()) return sq.errors;
    std::vector<std::size_t> all(sq.q_invA.size());
    std::iota(all.begin(), all.end(), 0u);
    return pattern_errors(sq.s_sigma, sq.s_background_sigma, sq.errors.correlation, all);
}

// S' of the spectrum, remembering what each step began with.
std::vector<double> cleaned(Spectrum& out) {
    auto const& config = out.config;
    int const steps = config.low_r_cut_A > 0 ? config.iterations : 0;
    if (steps > 0 && config.low_r_method == LowRMethod::top_hat) {
        out.before.push_back(out.grid.s);
        return take_out_top_hat(out.grid, out.density_A3, config.low_r_cut_A, config.top_hat_invA);
    }
    if (steps == 0) return out.grid.s;
    auto const smooth = smooth_below(out.grid, config.low_r_cut_A);
    auto all = low_r_steps(out.grid, smooth, out.density_A3, config.low_r_cut_A, steps, config.r_step_A);
    if (config.errors)
        out.cleaning =
            low_r_model(out.grid, all, smooth, out.density_A3, config.low_r_cut_A, lattice_step(out.grid.q_invA.back(), config.r_step_A));
    out.before = std::move(all.s);
    auto last = std::move(out.before.back());
    out.before.pop_back();
    return last;
}

} // namespace

Spectrum spectrum(StructureFactor const& sq, PairDistributionConfig const& config) {
    Spectrum out{transform_grid(sq, config.q_max_invA, config.low_q), {}, {}, {}, sq.normalization.density_A3, config, errors_of(sq), {}};
    if (config.low_r_method == LowRMethod::top_hat)
        out.config.iterations = std::min(config.iterations, 1); // a projection, but for the ends of its integrals
    auto const& grid = out.grid;
    for (std::size_t i = 0; i < grid.q_invA.size(); ++i) {
        double const q = grid.q_invA[i];
        out.kernel.push_back(2 / std::numbers::pi * grid.weight[i] * q * window_factor(config.window, q, grid.q_invA.back()));
    }
    out.excess = cleaned(out);
    for (double& s : out.excess) s -= 1;
    return out;
}

Image<double> sensitivities(Spectrum const& spectrum, Image<double> const& weights) {
    auto const& config = spectrum.config;
    Image<double> on_grid = weights;
    if (!spectrum.before.empty() && config.low_r_method == LowRMethod::top_hat)
        on_grid = before_top_hat(spectrum.grid, config.low_r_cut_A, config.top_hat_invA, weights);
    else if (spectrum.cleaning)
        on_grid = before_cleaning(spectrum.grid, *spectrum.cleaning, weights);
    std::size_t const data = spectrum.errors.direct.size();
    Image<double> out(weights.rows, data);
    for (std::size_t row = 0; row < weights.rows; ++row) {
        auto const from = on_grid.pixels.begin() + static_cast<std::ptrdiff_t>(row * on_grid.cols);
        auto of_data = fold(spectrum.grid, {from, from + static_cast<std::ptrdiff_t>(on_grid.cols)});
        of_data.resize(data, 0.0); // S beyond q_max counts through its scale alone
        auto const b = sensitivity(spectrum.errors, of_data);
        std::copy(b.begin(), b.end(), out.pixels.begin() + static_cast<std::ptrdiff_t>(row * data));
    }
    return out;
}

} // namespace sqd
