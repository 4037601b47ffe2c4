// A ribbon of glass at the 13 keV station, as counts per bin: what repeated counting draws from.
#pragma once

#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/pulls.hpp"
#include "tests/support/virtual_glass.hpp"

#include <cmath>
#include <random>
#include <vector>

namespace sqd::test {

inline ReductionConfig ribbon_station() {
    ReductionConfig c;
    c.energy_keV = 13;
    c.distance_m = 0.0816;
    c.threshold_keV = 9;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.sample.transmission = 0.418;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_max_invA = 6.9;
    c.fsdp = FsdpConfig{false, 2.2, 3.1, PeakEstimator::split_pseudo_voigt};
    return c;
}

/// Expected counts per bin of glass and air for norm 1, `exposure` counts per electron unit; the glass lets through what its measured
/// transmission says, all of it where there is none. The glass is `compressed` by so much: its S is that of the glass at q / compressed.
struct RibbonCounts {
    std::vector<double> q, glass, air;

    RibbonCounts(ReductionConfig const& config, double exposure, double compressed = 1,
                 std::vector<double> const& at = bin_centres(0.5, 6.9, 640))
        : q(at) {
        double const transmission = config.sample.transmission.value_or(1);
        auto own = q;
        for (double& each : own) each /= compressed;
        auto const s = VirtualGlass{}.s(own);
        auto const self = self_scattering(q, {}, config);
        for (std::size_t i = 0; i < q.size(); ++i) {
            double const atoms = self.absorption[i] * (self.f2_mean[i] + self.compton[i] + self.f_mean2[i] * (s[i] - 1));
            air.push_back(exposure * (40 + 80 * std::exp(-q[i])));
            glass.push_back(exposure * atoms + transmission * air.back());
        }
    }
};

/// A pattern of the counts that `draw` makes of the expected ones.
template <class Draw>
Pattern1D counted(std::vector<double> const& q, std::vector<double> const& expected, Draw&& draw) {
    Pattern1D p;
    p.radial = p.q_invA = q;
    p.pixels.assign(q.size(), 1);
    p.norm.assign(q.size(), 1);
    for (double const mean : expected) {
        double const n = draw(mean);
        p.counts.push_back(n);
        p.intensity.push_back(n);
        p.sigma.push_back(std::sqrt(std::max(n, 1.0)));
    }
    return p;
}

inline double exactly(double mean) {
    return mean;
}

/// Poisson's law, from a generator of its own.
struct PoissonDraw {
    std::mt19937_64& random;
    double operator()(double mean) const { return static_cast<double>(std::poisson_distribution<long>(mean)(random)); }
};

} // namespace sqd::test
