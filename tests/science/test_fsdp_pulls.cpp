// The sigma of the peak is a promise: repeated counting scatters by it, from counts through S(q) to q1, width and height.
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace sqd;

namespace {

ReductionConfig station() {
    ReductionConfig c;
    c.energy_keV = 13;
    c.distance_m = 0.0816;
    c.threshold_keV = 9;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_max_invA = 6.9;
    c.fsdp = FsdpConfig{false, 2.2, 3.1, PeakEstimator::split_pseudo_voigt};
    return c;
}

// Expected counts per bin of glass and air, `exposure` counts per electron unit.
struct Expectation {
    std::vector<double> q, glass, air;
};

Expectation expect(ReductionConfig const& config, double exposure) {
    Expectation e{test::bin_centres(0.5, 6.9, 640), {}, {}};
    auto const s = test::VirtualGlass{}.s(e.q);
    auto const self = self_scattering(e.q, {}, config);
    for (std::size_t i = 0; i < e.q.size(); ++i) {
        double const atoms = self.absorption[i] * (self.f2_mean[i] + self.compton[i] + self.f_mean2[i] * (s[i] - 1));
        e.air.push_back(exposure * (40 + 80 * std::exp(-e.q[i])));
        e.glass.push_back(exposure * atoms + 0.418 * e.air.back());
    }
    return e;
}

template <class Draw>
Pattern1D counted(std::vector<double> const& q, std::vector<double> const& expected, Draw&& draw) {
    Pattern1D p;
    p.radial = p.q_invA = q;
    p.pixels.assign(q.size(), 1);
    for (double const mean : expected) {
        double const n = draw(mean);
        p.intensity.push_back(n);
        p.sigma.push_back(std::sqrt(std::max(n, 1.0)));
    }
    return p;
}

struct Pulls {
    double sum = 0, square = 0;
    void add(double x) {
        sum += x;
        square += x * x;
    }
    double mean(int n) const { return sum / n; }
    double deviation(int n) const { return std::sqrt(square / n - std::pow(sum / n, 2)); }
};

} // namespace

TEST_CASE("pulls of the peak have mean 0 and width 1, on S(q) and on I(q), however far counting outdoes the model") {
    constexpr int draws = 400;
    // mean: 3.3 / sqrt(400); width: 3.3 / sqrt(800) - right code passes 999 times in 1000. The mean is allowed the bias of weights that
    // come from the counts themselves, about 0.1 sigma at the lower exposure.
    constexpr double mean_bound = 0.165 + 0.1, width_bound = 0.117;
    struct Case {
        bool on_pattern;
        double exposure;
    };
    for (Case const& c : {Case{false, 40}, Case{true, 40}, Case{false, 4000}}) { // at the last, chi^2 is far above 1
        auto config = station();
        config.fsdp->on_pattern = c.on_pattern;
        config.sample.transmission = 0.418;
        auto const expected = expect(config, c.exposure);
        auto const same = [](double mean) { return mean; };
        auto const air = counted(expected.q, expected.air, same);
        auto const truth = *reduce_pattern(counted(expected.q, expected.glass, same), &air, true, config).fsdp;

        std::mt19937_64 random(20);
        auto const poisson = [&random](double mean) { return static_cast<double>(std::poisson_distribution<long>(mean)(random)); };
        Pulls q1, fwhm, height;
        for (int k = 0; k < draws; ++k) {
            auto const noisy_air = counted(expected.q, expected.air, poisson);
            auto const curves = reduce_pattern(counted(expected.q, expected.glass, poisson), &noisy_air, true, config);
            REQUIRE(curves.fsdp);
            q1.add((curves.fsdp->q1 - truth.q1) / curves.fsdp->q1_sigma);
            fwhm.add((curves.fsdp->fwhm - truth.fwhm) / curves.fsdp->fwhm_sigma);
            height.add((curves.fsdp->height - truth.height) / curves.fsdp->height_sigma);
        }
        CAPTURE(c.on_pattern);
        CAPTURE(c.exposure);
        if (c.exposure > 1000) CHECK(truth.chi2_reduced > 5);
        for (Pulls const& pulls : {q1, fwhm, height}) {
            CHECK(std::abs(pulls.mean(draws)) < mean_bound);
            CHECK(std::abs(pulls.deviation(draws) - 1) < width_bound);
        }
    }
}
