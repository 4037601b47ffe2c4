// Simulated liquid argon: S(Q) and G(r) of the same simulation, as distributed with pystog.
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/sine_transform.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace sqd;
using std::numbers::pi;

namespace {

// (dq/2) sin(Q x) cot(dq x / 2), Q = N dq: the trapezoid of cos(qx) over 0, dq, ... Q.
double dirichlet(double x, double dq, double last) {
    return std::abs(x) < 1e-9 ? last : dq / 2 * std::sin(last * x) / std::tan(dq * x / 2);
}

} // namespace

TEST_CASE("their G(r) transformed back is their S(Q) to 1e-4") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/argon_ft");
    auto const in_q = test::read_columns(folder / "argon.reciprocal_space.dat"), in_r = test::read_columns(folder / "argon.real_space.dat");
    REQUIRE(in_q[0].size() == 1751);
    REQUIRE(in_r[0].size() == 1279);
    auto const weight = trapezoid_weights(in_r[0]);
    RotatingSines sines(in_q[0], 0.025); // theirs are 3, 5, 7 ... steps
    std::vector<double> f(in_q[0].size(), 0.0);
    sines.advance();
    for (std::size_t i = 0; i < weight.size(); ++i) {
        sines.advance();
        auto const& sine = sines.advance();
        for (std::size_t k = 0; k < f.size(); ++k) f[k] += weight[i] * in_r[2][i] * sine[k];
    }
    double worst_f = 0, worst_s = 0;
    for (std::size_t k = 0; k < f.size(); ++k) {
        worst_f = std::max(worst_f, std::abs(f[k] - in_q[2][k]));
        worst_s = std::max(worst_s, std::abs(f[k] / in_q[0][k] + 1 - in_q[1][k]));
    }
    MESSAGE("worst of Q (S - 1): ", worst_f, ", of S: ", worst_s);
    CHECK(worst_f < 1e-4);
    CHECK(worst_s < 1e-4);
}

TEST_CASE("their S(Q) transformed is their G(r), seen with the resolution of its last Q, to 1e-4") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/argon_ft");
    auto const in_q = test::read_columns(folder / "argon.reciprocal_space.dat"), in_r = test::read_columns(folder / "argon.real_space.dat");
    StructureFactor sq;
    sq.q_invA = in_q[0];
    sq.s = in_q[1];
    sq.s_sigma.assign(sq.s.size(), 0.01);
    PairDistributionConfig config;
    config.q_max_invA = 36;
    config.window = Window::none;
    config.r_step_A = 0.025;
    config.r_max_A = 30;
    auto const gr = pair_distribution(sq, config);
    // What lies beyond the last Q of the table is not in S(Q): their G(r), without those waves. In real space, by the transform's kernel.
    auto const weight = trapezoid_weights(in_r[0]);
    double const last = in_q[0].back(), step = 0.02;
    double worst = 0;
    for (std::size_t k = 39; k < gr.r_A.size(); ++k) {
        double expected = 0;
        for (std::size_t i = 0; i < weight.size(); ++i)
            expected += weight[i] * in_r[2][i] *
                        (dirichlet(gr.r_A[k] - in_r[0][i], step, last) - dirichlet(gr.r_A[k] + in_r[0][i], step, last)) / pi;
        worst = std::max(worst, std::abs(gr.g[k] - expected));
    }
    MESSAGE("worst of G: ", worst);
    CHECK(worst < 1e-4);
}

TEST_CASE("the transform of the simulation's S(Q) is its G(r)") {
    SQD_SHARED_DATA_OR_SKIP(folder, "total_scattering/argon_ft");
    auto const in_q = test::read_columns(folder / "argon.reciprocal_space.dat"), in_r = test::read_columns(folder / "argon.real_space.dat");
    REQUIRE(in_q.size() == 5);
    REQUIRE(in_r.size() == 4);
    StructureFactor sq;
    sq.q_invA = in_q[0];
    sq.s = in_q[1];
    sq.s_sigma.assign(sq.s.size(), 0.01);
    PairDistributionConfig config;
    config.q_max_invA = 36;
    config.window = Window::none;
    config.r_step_A = 0.025; // every other point is one of theirs
    config.r_max_A = 30;
    config.low_r_cut_A = 3;
    auto const gr = pair_distribution(sq, config);
    double worst = 0;
    for (std::size_t i = 0; in_r[0][i] < 30; ++i) {
        auto const k = static_cast<std::size_t>(std::lround(in_r[0][i] / config.r_step_A)) - 1;
        REQUIRE(gr.r_A[k] == doctest::Approx(in_r[0][i]));
        worst = std::max(worst, std::abs(gr.g[k] - in_r[2][i]));
    }
    // numpy.trapz over the same table leaves 0.0151 (the box ends at 64 A, and S(Q) at 0.02 1/A): of a first peak of 2.0
    CHECK(worst < 0.016);
    REQUIRE_FALSE(gr.shells.empty());
    CHECK(gr.shells[0].r_A.value == doctest::Approx(3.725).epsilon(0.007)); // their step is 0.05
}
