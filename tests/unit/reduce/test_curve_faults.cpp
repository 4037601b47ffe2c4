// Faults of a pattern become flags with their place; a sound one has none.
#include "pipeline/reduce/curve_faults.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace sqd;

namespace {

Pattern1D sound() {
    Pattern1D p;
    for (int i = 0; i < 700; ++i) {
        p.q_invA.push_back(0.01 * i + 0.5);
        p.intensity.push_back(10);
        p.sigma.push_back(1);
    }
    return p;
}

ReductionConfig with_range(double low, double high) {
    ReductionConfig c;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_min_invA = low;
    c.structure_factor->q_max_invA = high;
    return c;
}

using Flags = std::vector<std::string>;

} // namespace

TEST_CASE("a sound pattern has no fault, nor has what lies outside of the range") {
    auto p = sound();
    CHECK(curve_faults(p, with_range(0.6, 7)).empty());
    p.intensity[650] = -100;
    p.intensity[3] = -100;
    CHECK(curve_faults(p, with_range(0.6, 6.9)).empty());
    CHECK(curve_faults(p, ReductionConfig{}).empty());
    CHECK(curve_faults(Pattern1D{}, with_range(0.6, 7)).empty());
}

TEST_CASE("intensities below zero by more than counting are counted") {
    auto p = sound();
    p.intensity[100] = -2.9;
    p.intensity[101] = -3.1;
    p.intensity[102] = -50;
    CHECK(curve_faults(p, with_range(0.6, 7)) == Flags{"negative_intensity:2"});
    p.sigma.clear();
    CHECK(curve_faults(p, with_range(0.6, 7)) == Flags{"negative_intensity:3"});
}

TEST_CASE("missing bins are a gap where they are many, single ones are none") {
    auto p = sound();
    for (std::size_t i = 200; i < 250; ++i) p.intensity[i] = std::nan("");
    p.intensity[400] = std::nan("");
    CHECK(curve_faults(p, with_range(0.6, 7)) == Flags{"q_gap:2.49-3.00"});
}

TEST_CASE("a range beyond the data says where they end") {
    CHECK(curve_faults(sound(), with_range(0.3, 9)) == Flags{"q_max_beyond_data:7.49", "q_min_before_data:0.50"});
    ReductionConfig peak;
    peak.fsdp = FsdpConfig{true, 6, 9, PeakEstimator::pseudo_voigt};
    CHECK(curve_faults(sound(), peak) == Flags{"q_max_beyond_data:7.49"});
}

TEST_CASE("a plate near mu t = 1 hides its thickness unless its transmission was measured") {
    Sample ribbon;
    ribbon.thickness_um = 30;
    CHECK(thickness_fault(ribbon, 0.87) == "thickness_blind");
    CHECK(thickness_fault(ribbon, 0.06).empty());
    ribbon.transmission = 0.418;
    CHECK(thickness_fault(ribbon, 0.87).empty());
}
