// At a small q_max the sum rule is cut off inside an oscillation: how far alpha is off, on the virtual glass at the map's station.
#include "daemon/simulate/glass_structure.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/self_scattering.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace sqd;

namespace {

// y and t of the glass at 13 keV, threshold above its lines, alpha = 1.
ScaledData data_up_to(double q_max) {
    ReductionConfig config;
    config.energy_keV = 13;
    config.threshold_keV = 9;
    config.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    config.structure_factor = StructureFactorConfig{};
    simulated::GlassStructure const structure(0.060492, 8);
    ScaledData data;
    for (double q = 0.3; q <= q_max + 1e-9; q += 0.003) data.q_invA.push_back(q);
    auto const self = self_scattering(data.q_invA, {}, config);
    for (std::size_t i = 0; i < data.q_invA.size(); ++i) {
        data.t.push_back((self.f2_mean[i] + self.compton[i]) / self.f_mean2[i]);
        data.y.push_back(structure.s(data.q_invA[i]) - 1 + data.t[i]);
    }
    return data;
}

} // namespace

TEST_CASE("where q_max falls on an oscillation alpha is off by per cents, its mean over a period by less, and the spread covers it") {
    double worst = 0, worst_mean = 0;
    for (double q_max = 5.5; q_max < 7.0; q_max += 0.1) {
        auto const n = normalize(data_up_to(q_max), 0.060492)->normalization;
        worst = std::max(worst, std::abs(n.alpha - 1));
        worst_mean = std::max(worst_mean, std::abs(n.alpha_kmn_mean - 1));
        CHECK(std::abs(n.alpha - 1) < n.alpha_spread);
    }
    auto const map = normalize(data_up_to(6.9), 0.060492)->normalization;
    MESSAGE("q_max 6.9: alpha " << map.alpha - 1 << ", mean over a period " << map.alpha_kmn_mean - 1 << ", spread " << map.alpha_spread
                                << "; worst of 5.5 to 7: " << worst << ", " << worst_mean);
    CHECK(worst < 0.07);
    CHECK(worst_mean < 0.5 * worst);
    CHECK(std::abs(map.alpha_kmn_mean - 1) < std::abs(map.alpha - 1));
}
