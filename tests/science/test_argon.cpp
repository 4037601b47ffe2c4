// Simulated liquid argon: S(Q) and G(r) of the same simulation, as distributed with pystog.
#include "pipeline/reduce/pair_distribution.hpp"
#include "tests/support/columns.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace sqd;

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
