// What assumptions are worth: each term against what moving its key does, and against what is known in closed form.
#include "pipeline/reduce/systematics.hpp"
#include "tests/support/ribbon.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sqd;
using namespace sqd::test;

namespace {

SystematicTerm const* find(std::vector<SystematicTerm> const& terms, char const* name) {
    auto const found = std::find_if(terms.begin(), terms.end(), [name](auto const& term) { return term.name == name; });
    return found == terms.end() ? nullptr : &*found;
}

struct Scene {
    ReductionConfig config = ribbon_station();
    Pattern1D glass, air;
    Scene() {
        config.uncertainty.systematics = true;
        config.sample.transmission.reset();
        config.sample.thickness_sigma_um = 2;
        RibbonCounts const expected(config, 100);
        glass = counted(expected.q, expected.glass, exactly);
        air = counted(expected.q, expected.air, exactly);
    }
    ReducedCurves reduce() const { return reduce_pattern(glass, &air, true, config); }
};

} // namespace

TEST_CASE("the distance moves q1 by what q1_sigma_geometry says, the wavelength by its part") {
    Scene scene;
    scene.config.energy_sigma_keV = 0.0013;
    auto const curves = scene.reduce();
    auto const* distance = find(curves.systematics, "distance");
    auto const* wavelength = find(curves.systematics, "wavelength");
    REQUIRE(distance);
    REQUIRE(wavelength);
    CHECK(wavelength->q1 == doctest::Approx(curves.fsdp->q1 * 1e-4).scale(0).epsilon(0.02)); // the scale follows a little
    CHECK(std::hypot(distance->q1, wavelength->q1) == doctest::Approx(curves.fsdp->q1_sigma_geometry).scale(0).epsilon(0.03));
    CHECK(wavelength->fwhm == doctest::Approx(curves.fsdp->fwhm * 1e-4).scale(0).epsilon(0.1));
}

TEST_CASE("the scale moves S about its self part and the peak's height, and next to nothing of its place") {
    Scene const scene;
    auto const curves = scene.reduce();
    auto const* scale = find(curves.systematics, "scale");
    REQUIRE(scale);
    auto const& n = curves.sq->normalization;
    double const relative = std::max(std::abs(n.alpha_high_q - n.alpha_kmn) / 2, n.alpha_spread) / n.alpha;
    auto const& effect = curves.sq->errors.shared.front().effect; // dS / dalpha
    for (std::size_t i = 0; i < scale->s.size(); i += 50)
        CHECK(scale->s[i] == doctest::Approx(relative * n.alpha * effect[i]).epsilon(1e-9));
    CHECK(scale->height == doctest::Approx(relative * curves.fsdp->height).scale(0).epsilon(0.2));
    CHECK(std::abs(scale->q1) < 1e-3 * relative * curves.fsdp->q1);
}

TEST_CASE("a density that is one per cent off moves the scale by its share of the sum rule") {
    Scene const scene;
    auto const curves = scene.reduce();
    auto const* density = find(curves.systematics, "density");
    REQUIRE(density);
    auto moved = scene.config;
    moved.uncertainty = {};
    *moved.sample.density_g_cm3 *= 1.01;
    auto const up = reduce_pattern(scene.glass, &scene.air, true, moved);
    CHECK(density->height == doctest::Approx(up.fsdp->height - curves.fsdp->height).scale(0).epsilon(0.02));
}

TEST_CASE("terms are there only where something can be wrong") {
    Scene scene;
    auto names = [&] {
        std::vector<std::string> out;
        for (auto const& term : scene.reduce().systematics) out.push_back(term.name);
        return out;
    };
    CHECK(names() == std::vector<std::string>{"scale", "density", "compton", "background_scale", "thickness", "distance"});
    scene.config.threshold_keV = 6.5; // copper, nickel and titanium count
    scene.config.sample.thickness_sigma_um = 0;
    CHECK(names() == std::vector<std::string>{"scale", "density", "compton", "fluorescence", "distance"});
    scene.config.uncertainty.systematics = false;
    CHECK(names().empty());
}

TEST_CASE("the scale of the background is as uncertain as the transmission and the place of the air make it") {
    Scene scene;
    auto const curves = scene.reduce();
    double const t = *curves.transmission, mu_t = curves.optical_thickness;
    CHECK(curves.transmission_sigma == doctest::Approx(t * mu_t * 2 / 30).epsilon(1e-12));
    CHECK(curves.background_scale_sigma == doctest::Approx(t * mu_t * 2 / 30).epsilon(1e-12)); // all air is downstream
    scene.config.background.upstream_fraction_sigma = 0.1;
    CHECK(scene.reduce().background_scale_sigma == doctest::Approx(std::hypot(t * mu_t * 2 / 30, 0.1 * (1 - t))).epsilon(1e-12));
    scene.config.sample.transmission = t;
    scene.config.sample.transmission_sigma = 0.01;
    CHECK(scene.reduce().background_scale_sigma == doctest::Approx(std::hypot(0.01, 0.1 * (1 - t))).epsilon(1e-12));
}
