// The amplitude of the fluorescence: found where tables are wrong, and its errors.
#include "pipeline/reduce/fluorescence_fit.hpp"
#include "pipeline/reduce/kmn_scale.hpp"
#include "tests/support/virtual_glass.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace sqd;
using test::VirtualGlass;

namespace {

// As a ribbon at 13 keV: <f>^2 falls by 8 up to q = 7, and fluorescence is half of what scatters there.
struct Fluorescent {
    ScaledData data; ///< y with `amplitude` times x in it
    std::vector<double> x;
};

Fluorescent ribbon(double amplitude) {
    VirtualGlass const glass;
    Fluorescent out;
    out.data.q_invA = test::bin_centres(0.3, 6.9, 440);
    auto const s = glass.s(out.data.q_invA);
    for (std::size_t i = 0; i < s.size(); ++i) {
        double const q = out.data.q_invA[i];
        out.data.t.push_back(1.36 + 0.003 * q * q);
        out.x.push_back(0.25 * std::exp(0.045 * q * q));
        out.data.y.push_back(s[i] - 1 + out.data.t[i] + amplitude * out.x[i]); // alpha = 1
    }
    return out;
}

double alpha_with(Fluorescent const& f, double k) {
    auto data = f.data;
    for (std::size_t i = 0; i < f.x.size(); ++i) data.t[i] += k * f.x[i];
    return normalize(data, VirtualGlass{}.density_A3)->normalization.alpha;
}

} // namespace

TEST_CASE("an amplitude off by a quarter is found, and the scale is nearer to the truth for it") {
    for (double const truth : {0.8, 1.0, 1.25}) {
        auto const f = ribbon(truth);
        auto const fit = fit_fluorescence(f.data, f.x, VirtualGlass{}.density_A3, {});
        CAPTURE(truth);
        MESSAGE("amplitude " << fit.amplitude << " +- " << fit.sigma << ", alpha " << alpha_with(f, fit.amplitude) << ", by the tables "
                             << alpha_with(f, 1));
        CHECK(std::abs(fit.amplitude - truth) < 3 * fit.sigma);
        CHECK(fit.sigma < 0.75 * fluorescence_prior_sigma);
        if (truth == 1) continue;
        CHECK(std::abs(fit.amplitude - truth) < 0.7 * std::abs(1 - truth));
        CHECK(std::abs(alpha_with(f, fit.amplitude) - 1) < 0.7 * std::abs(alpha_with(f, 1) - 1));
    }
}

TEST_CASE("where the data say nothing of it the tables are believed") {
    auto f = ribbon(1.25);
    for (double& x : f.x) x *= 1e-6;
    auto const fit = fit_fluorescence(f.data, f.x, VirtualGlass{}.density_A3, {});
    CHECK(fit.amplitude == doctest::Approx(1).epsilon(1e-3));
    CHECK(fit.sigma == doctest::Approx(fluorescence_prior_sigma).epsilon(1e-3));
}

TEST_CASE("the response of the amplitude is what a change of one datum does") {
    auto const clean = ribbon(1.2);
    auto const response = fit_fluorescence(clean.data, clean.x, 0.06, {}).response;
    for (std::size_t i : {0u, 100u, 225u, 439u}) {
        auto up = clean.data, down = clean.data;
        double const step = 1e-3 * clean.data.y[i];
        up.y[i] += step;
        down.y[i] -= step;
        double const change = fit_fluorescence(up, clean.x, 0.06, {}).amplitude - fit_fluorescence(down, clean.x, 0.06, {}).amplitude;
        CHECK(response[i] == doctest::Approx(change / (2 * step)).epsilon(1e-4).scale(1e-8));
    }
}
