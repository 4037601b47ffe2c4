// What each assumption of the reduction is worth, by finite differences.
#include "pipeline/reduce/systematics.hpp"

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/atomic_terms.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>

namespace sqd {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

// Everything that a term may move: the recipe and the axis of the patterns.
struct Moved {
    ReductionConfig config;
    std::function<double(double)> q; ///< of q as it is; empty = as it is
};

struct Assumption {
    std::string name, moved;
    std::function<void(Moved&, double)> move; ///< by so many uncertainties
};

std::string percent(double relative) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2g %%", 100 * std::abs(relative));
    return text.data();
}

Pattern1D moved_axis(Pattern1D pattern, Moved const& moved) {
    if (moved.q)
        for (double& q : pattern.q_invA) q = moved.q(q);
    return pattern;
}

std::vector<double> half_difference(std::vector<double> const& up, std::vector<double> const& down) {
    std::vector<double> out;
    if (up.size() != down.size()) return out;
    for (std::size_t i = 0; i < up.size(); ++i) out.push_back((up[i] - down[i]) / 2);
    return out;
}

std::vector<double> places_of(PairDistribution const& gr) {
    std::vector<double> out;
    for (auto const& shell : gr.shells) out.push_back(shell.r_A.value);
    return out;
}

SystematicTerm difference(ReducedCurves const& up, ReducedCurves const& down) {
    auto const of_peak = [&](double Fsdp::*member) {
        return up.fsdp && down.fsdp ? ((*up.fsdp).*member - (*down.fsdp).*member) / 2 : not_known;
    };
    SystematicTerm term;
    term.q1 = of_peak(&Fsdp::q1);
    term.fwhm = of_peak(&Fsdp::fwhm);
    term.height = of_peak(&Fsdp::height);
    if (up.sq && down.sq) term.s = half_difference(up.sq->s, down.sq->s);
    if (up.gr && down.gr) {
        term.g = half_difference(up.gr->g, down.gr->g);
        term.shell_r_A = half_difference(places_of(*up.gr), places_of(*down.gr));
    }
    return term;
}

double relative_scale_error(Normalization const& n) {
    return std::max(std::abs(n.alpha_high_q - n.alpha_kmn) / 2, n.alpha_spread) / n.alpha;
}

void add_scale(std::vector<Assumption>& out, ReducedCurves const& curves, UncertaintyConfig const& config, bool amplitude_fitted) {
    double const scale = relative_scale_error(curves.sq->normalization);
    if (scale > 0)
        out.push_back(
            {"scale", percent(scale), [scale](Moved& m, double by) { m.config.structure_factor->scale_factor *= 1 + by * scale; }});
    double const density = config.density_percent / 100, compton = config.compton_percent / 100;
    // A fitted amplitude is known to its own sigma; it is held where it was found, for a fit would undo the move.
    Normalization const& n = curves.sq->normalization;
    double const amplitude = n.fluorescence_amplitude;
    double const lines = amplitude_fitted ? n.fluorescence_amplitude_sigma / amplitude : config.fluorescence_percent / 100;
    if (density > 0)
        out.push_back(
            {"density", percent(density), [density](Moved& m, double by) { *m.config.sample.density_g_cm3 *= 1 + by * density; }});
    if (compton > 0)
        out.push_back({"compton", percent(compton),
                       [compton](Moved& m, double by) { m.config.structure_factor->compton_factor *= 1 + by * compton; }});
    if (lines > 0 && n.fluorescence > 0)
        out.push_back({"fluorescence", percent(lines), [lines, amplitude](Moved& m, double by) {
                           m.config.structure_factor->fluorescence = FluorescenceUse::computed;
                           m.config.structure_factor->fluorescence_factor *= amplitude * (1 + by * lines);
                       }});
}

void add_sample(std::vector<Assumption>& out, ReducedCurves const& curves, ReductionConfig const& config) {
    if (curves.background && curves.background_scale_sigma > 0) {
        double const scale = curves.background_scale_sigma / curves.background_scale;
        out.push_back({"background_scale", percent(scale), [scale](Moved& m, double by) { m.config.background.scale *= 1 + by * scale; }});
    }
    Sample const& sample = config.sample;
    if (sample.thickness_sigma_um > 0 && sample.thickness_um > sample.thickness_sigma_um)
        out.push_back({"thickness", percent(sample.thickness_sigma_um / sample.thickness_um),
                       [sigma = sample.thickness_sigma_um](Moved& m, double by) { m.config.sample.thickness_um += by * sigma; }});
}

void add_geometry(std::vector<Assumption>& out, ReductionConfig const& config) {
    if (!(config.energy_keV > 0)) return;
    constexpr double um_to_m = 1e-6;
    double const wavelength = wavelength_A(config.energy_keV);
    double const shift = config.distance_m > 0 ? config.sample.thickness_um * um_to_m / config.distance_m : 0;
    if (shift > 0) {
        auto const lever = [wavelength, tilt = config.tilt_rad](double q) {
            double const two_theta = two_theta_of_q_rad(q, wavelength);
            return std::pow(std::cos(two_theta / 2), 2) * std::cos(two_theta - tilt);
        };
        out.push_back({"distance", percent(shift), [shift, lever](Moved& m, double by) {
                           m.q = [shift, lever, by](double q) { return q * (1 + by * shift * lever(q)); };
                       }});
    }
    if (double const relative = config.energy_sigma_keV / config.energy_keV; relative > 0)
        out.push_back({"wavelength", percent(relative),
                       [relative](Moved& m, double by) { m.q = [relative, by](double q) { return q * (1 + by * relative); }; }});
}

} // namespace

std::vector<SystematicTerm> systematic_terms(Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                                             ReducedCurves const& curves, ReductionConfig const& config) {
    std::vector<Assumption> assumptions;
    bool const fitted = config.structure_factor && config.structure_factor->fluorescence == FluorescenceUse::fitted;
    if (curves.sq) add_scale(assumptions, curves, config.uncertainty, fitted);
    add_sample(assumptions, curves, config);
    add_geometry(assumptions, config);

    ReductionConfig plain = config;
    plain.uncertainty = UncertaintyConfig{};
    plain.ad_hoc.reset();
    if (curves.sq && !(plain.atoms && same_atoms(*plain.atoms, curves.sq->q_invA, plain)))
        plain.atoms = std::make_shared<AtomicTerms const>(atomic_terms(curves.sq->q_invA, plain));
    if (plain.pair_distribution) plain.pair_distribution->errors = false;
    std::vector<SystematicTerm> terms;
    for (auto const& assumption : assumptions) {
        auto const moved = [&](double by) {
            Moved m{plain, {}};
            assumption.move(m, by);
            auto const air = background ? std::optional(moved_axis(*background, m)) : std::nullopt;
            return reduce_pattern(moved_axis(sample, m), air ? &*air : nullptr, background_needed, m.config);
        };
        auto term = difference(moved(1), moved(-1));
        term.name = assumption.name;
        term.moved = assumption.moved;
        terms.push_back(std::move(term));
    }
    return terms;
}

double corrections_of_q1(std::vector<SystematicTerm> const& terms) {
    double sum = 0;
    for (auto const& term : terms)
        if (term.name != "distance" && term.name != "wavelength" && std::isfinite(term.q1)) sum += term.q1 * term.q1;
    return std::sqrt(sum);
}

} // namespace sqd
