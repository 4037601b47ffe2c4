// The recipe as a whole: what is subtracted, what is withheld and why, and that counts give what patterns give.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/radial_axis.hpp"
#include "pipeline/reduce/reduction.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

using namespace sqd;

namespace {

ReductionConfig whole_recipe() {
    ReductionConfig c;
    c.energy_keV = 68.5;
    c.distance_m = 0.145;
    c.threshold_keV = 20;
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 300;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_max_invA = 12;
    c.fsdp = FsdpConfig{false, 2.2, 3.1, PeakEstimator::split_pseudo_voigt};
    c.pair_distribution = PairDistributionConfig{};
    c.pair_distribution->q_max_invA = 12;
    return c;
}

Pattern1D flat(std::vector<double> const& q, double level) {
    Pattern1D p;
    p.radial = p.q_invA = q;
    p.intensity.assign(q.size(), level);
    p.sigma.assign(q.size(), 0.01 * level);
    p.pixels.assign(q.size(), 1);
    return p;
}

// An intensity whose S(q) is that of the virtual glass at alpha = 1.
Pattern1D glass_pattern(ReductionConfig const& config, std::vector<double> const& q = test::bin_centres(0.5, 12, 1150)) {
    auto p = flat(q, 1);
    auto const s = test::VirtualGlass{}.s(q);
    auto const self = self_scattering(q, {}, config);
    for (std::size_t i = 0; i < q.size(); ++i) {
        p.intensity[i] = self.absorption[i] * (self.f2_mean[i] + self.compton[i] + self.f_mean2[i] * (s[i] - 1));
        p.sigma[i] = 1e-3 * p.intensity[i];
    }
    return p;
}

bool has(ReducedCurves const& curves, char const* flag) {
    return std::find(curves.flags.begin(), curves.flags.end(), flag) != curves.flags.end();
}

// Two pixels per bin and nothing else: four bins.
std::shared_ptr<BinMap const> tiny_map() {
    auto map = std::make_shared<BinMap>();
    map->axis = Axis::uniform(1.0, 5.0, 4);
    map->q_invA = map->axis.centres();
    map->bin_norm = {2, 2, 2, 2};
    map->bin_pixels = {2, 2, 2, 2};
    return map;
}

} // namespace

TEST_CASE("a pattern on top of its air gives the curves of the glass") {
    auto const config = whole_recipe();
    auto sample = glass_pattern(config);
    auto const air = flat(sample.q_invA, 50);
    double const t = *reduce_pattern(sample, nullptr, false, config).transmission;
    for (auto& i : sample.intensity) i += t * 50;
    auto const curves = reduce_pattern(sample, &air, true, config);
    CHECK(curves.flags == std::vector<std::string>{"multiple_scattering:4.3"}); // 1.46 / cm times 300 um
    CHECK(t == doctest::Approx(std::exp(-12.62 * 0.03)).epsilon(1e-3));
    CHECK(curves.background_scale == doctest::Approx(t));
    CHECK(curves.background_scale_high == 1);
    REQUIRE(curves.sq);
    REQUIRE(curves.fsdp);
    REQUIRE(curves.gr);
    CHECK(curves.sq->normalization.alpha == doctest::Approx(1).epsilon(0.01)); // Q = 12
    CHECK(curves.fsdp->on == "sq");
    CHECK(curves.fsdp->q1 == doctest::Approx(2.62).epsilon(0.01));
    CHECK(curves.net->intensity[100] == doctest::Approx(sample.intensity[100] - t * 50));
}

TEST_CASE("bins in even ratios give the S(q) and the peak that even steps give") {
    auto config = whole_recipe();
    config.pair_distribution.reset();
    IntegrationConfig log;
    log.npt = 1150;
    log.radial_range = std::pair{0.5, 12.0};
    log.log_spacing = true;
    auto const even = reduce_pattern(glass_pattern(config), nullptr, false, config);
    auto const uneven = reduce_pattern(glass_pattern(config, radial_axis(log, {}).centres()), nullptr, false, config);
    REQUIRE(uneven.sq);
    REQUIRE(uneven.fsdp);
    // The curve is given at the points themselves, so that only sums over points can differ. The trapezoid's error is h^2 / 12 of the
    // difference of the integrand's slopes at the ends: with steps of 0.033 1/A at q = 12 and a slope of 2 / q of it, 1e-5 of alpha.
    MESSAGE("alpha " << uneven.sq->normalization.alpha / even.sq->normalization.alpha - 1 << ", q1 " << uneven.fsdp->q1 - even.fsdp->q1
                     << ", fwhm " << uneven.fsdp->fwhm - even.fsdp->fwhm);
    CHECK(uneven.sq->normalization.alpha == doctest::Approx(even.sq->normalization.alpha).epsilon(1e-4));
    // Least squares weigh points, and there are more of them per 1/A at the low end of the window: what the model does not fit pulls q1
    // by less than what the estimators differ by.
    CHECK(std::abs(uneven.fsdp->q1 - even.fsdp->q1) < 0.5 * even.fsdp->q1_sigma_model);
    CHECK(uneven.fsdp->fwhm == doctest::Approx(even.fsdp->fwhm).epsilon(0.01));
    auto const truth = test::VirtualGlass{}.s(uneven.sq->q_invA);
    for (std::size_t i = 0; i < truth.size(); ++i) CHECK(std::abs(uneven.sq->s[i] - truth[i]) < 0.03);
}

TEST_CASE("air before the sample is not weakened by it") {
    auto config = whole_recipe();
    config.sample.transmission = 0.4;
    config.background.scale = 0.9;
    config.background.upstream_fraction = 0.25;
    auto const sample = flat(test::bin_centres(0.5, 12, 1150), 100), air = flat(sample.q_invA, 10);
    auto const curves = reduce_pattern(sample, &air, true, config);
    CHECK(*curves.transmission == doctest::Approx(0.4));
    CHECK(curves.background_scale == doctest::Approx(0.9 * (0.25 + 0.75 * 0.4)));
    CHECK(curves.background_scale_low == doctest::Approx(0.36));
    CHECK(curves.background_scale_high == doctest::Approx(0.9));
    CHECK(curves.net->intensity[7] == doctest::Approx(100 - curves.background_scale * 10));
    CHECK(curves.net->sigma[7] == doctest::Approx(std::hypot(1.0, curves.background_scale * 0.1)));
}

TEST_CASE("without a background that is needed the pattern stands alone, and the flags say what is withheld") {
    auto const config = whole_recipe();
    auto const sample = glass_pattern(config);
    auto const curves = reduce_pattern(sample, nullptr, true, config);
    CHECK_FALSE(curves.sq);
    CHECK_FALSE(curves.fsdp);
    CHECK_FALSE(curves.gr);
    CHECK_FALSE(curves.net);
    CHECK(has(curves, "no_background"));
    CHECK(has(curves, "fsdp_failed:no_structure_factor"));
    CHECK(has(curves, "gr_withheld:no_structure_factor"));
    CHECK(curves.pattern.intensity == sample.intensity);
    CHECK(reduce_pattern(sample, nullptr, false, config).sq);
}

TEST_CASE("a missing density withholds S(q) and says so") {
    auto config = whole_recipe();
    auto const sample = glass_pattern(config);
    config.sample.density_g_cm3.reset();
    auto const curves = reduce_pattern(sample, nullptr, false, config);
    CHECK(has(curves, "no_density"));
    CHECK(has(curves, "transmission_unknown"));
    CHECK_FALSE(curves.sq);
}

TEST_CASE("on the pattern itself the peak needs no structure factor") {
    auto config = whole_recipe();
    auto const sample = glass_pattern(config);
    config.structure_factor.reset();
    config.pair_distribution.reset();
    config.fsdp->on_pattern = true;
    auto const curves = reduce_pattern(sample, nullptr, false, config);
    REQUIRE(curves.fsdp);
    CHECK(curves.fsdp->on == "pattern");
    CHECK_FALSE(curves.sq);
    CHECK(curves.flags.empty());
}

TEST_CASE("a peak that cannot be fitted is a flag with its reason") {
    auto config = whole_recipe();
    config.fsdp->window_low_invA = 2.60;
    config.fsdp->window_high_invA = 2.65;
    auto const curves = reduce_pattern(glass_pattern(config), nullptr, false, config);
    CHECK_FALSE(curves.fsdp);
    CHECK(has(curves, "fsdp_failed:too_few_points"));
}

TEST_CASE("G(r) is withheld for the form without Laue term and for an empty range") {
    auto config = whole_recipe();
    auto const sample = glass_pattern(config);
    config.pair_distribution->q_max_invA = 0.55;
    CHECK(has(reduce_pattern(sample, nullptr, false, config), "empty_range:pair_distribution"));
    config.structure_factor->laue = LaueForm::none;
    CHECK(has(reduce_pattern(sample, nullptr, false, config), "gr_withheld:laue_none"));
}

TEST_CASE("the same input gives the same output, bit for bit") {
    auto const config = whole_recipe();
    auto const sample = glass_pattern(config);
    auto const one = reduce_pattern(sample, nullptr, false, config), two = reduce_pattern(sample, nullptr, false, config);
    CHECK(one.sq->s == two.sq->s);
    CHECK(one.fsdp->q1 == two.fsdp->q1);
    CHECK(one.gr->g == two.gr->g);
}

TEST_CASE("counts of frames give the pattern of their sums, each scan by its own norm") {
    ReductionConfig config;
    config.sample.transmission = 0.5;
    ScanCounts scan{tiny_map(), {}};
    for (std::uint64_t n = 0; n < 3; ++n)
        scan.frames.push_back(std::make_shared<FrameCounts>(FrameCounts{n, 0.5, 2.0, {10, 20, 30, 40}, {}}));
    BinnedCounts const air{{4, 4, 4, 4}, {8, 8, 8, 8}, {2, 2, 2, 2}, 4};
    auto const curves = reduce_counts(scan, false, {}, &air, true, config);
    CHECK(curves.pattern.intensity[1] == doctest::Approx(60.0 / (3 * 0.5 * 2.0 * 2)));
    CHECK(curves.pattern.sigma[1] == doctest::Approx(std::sqrt(60.0) / 6));
    CHECK(curves.background->intensity[1] == doctest::Approx(0.5));
    CHECK(curves.net->intensity[1] == doctest::Approx(10 - 0.5 * 0.5));
    CHECK(curves.rejected.empty());
}

TEST_CASE("only a map is searched for points off the sample") {
    ReductionConfig config;
    config.sample.transmission = 0.5;
    ScanCounts scan{tiny_map(), {}};
    for (std::uint64_t n = 0; n < 10; ++n) {
        std::uint32_t const counts = n < 3 ? 100 : 10000;
        scan.frames.push_back(std::make_shared<FrameCounts>(FrameCounts{n, 1, 1, std::vector<std::uint32_t>(4, counts), {}}));
    }
    CHECK(reduce_counts(scan, true, {}, nullptr, false, config).rejected.size() == 3);
    CHECK(reduce_counts(scan, false, {}, nullptr, false, config).rejected.empty());
    config.selection.off_sample = false;
    CHECK(reduce_counts(scan, true, {}, nullptr, false, config).rejected.empty());
}

TEST_CASE("nothing to reduce is an error") {
    CHECK_THROWS_AS(reduce_counts({tiny_map(), {}}, false, {}, nullptr, false, {}), DataError);
    CHECK_THROWS_AS(reduce_pattern({}, nullptr, false, {}), DataError);
}
