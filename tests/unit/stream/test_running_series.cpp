// What is known of a series: what was said of it, its sample, the beam of each of its frames.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

TEST_CASE("role, name, points and sample: announced before appendix before configuration") {
    ProcessorConfig config = small_config();
    config.scan.role = Role::calibrant;
    config.reduction.sample.thickness_um = 30;
    Bench bench(config);
    bench.announcements.place(parse_announcement(R"({"name":"told","sample":{"transmission":0.5}})", true));
    bench.start(1, 1, R"({"name":"written","role":"sample","sample":{"thickness_um":40}})");
    bench.frame(1, 0);
    CHECK(bench.last().scan.id == "told");
    CHECK(bench.last().scan.role == Role::sample);
    CHECK(bench.last().config.sample.thickness_um == 40);
    CHECK(bench.last().config.sample.transmission == 0.5);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().scan.id == "series_2");
    CHECK(bench.last().scan.role == Role::calibrant);
}

TEST_CASE("a monitor told late is that of all frames, and a point without one is left out") {
    ProcessorConfig config = small_config();
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 40);
    for (std::uint64_t n = 0; n < 20; ++n) bench.frame(1, n, 4);
    CHECK(bench.announcements.place(parse_announcement(R"({"monitor":2})", true)).to_running);
    for (std::uint64_t n = 20; n < 40; ++n) bench.frame(1, n, 4);
    auto const told = reduce(bench.last());
    bench.start(2, 40);
    for (std::uint64_t n = 0; n < 40; ++n) bench.frame(2, n, 2);
    CHECK(told.curves.pattern.intensity == reduce(bench.last()).curves.pattern.intensity);
    CHECK(told.provenance.corrections == std::vector<std::string>{"monitor"});

    bench.start(3, 4, R"({"monitor":[2,2,2]})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(3, n, 4);
    auto const partly = reduce(bench.last());
    CHECK(partly.frames.used == 3);
    CHECK(partly.frames.rejected_by.at("no_monitor") == 1);
}

TEST_CASE("another composition does not inherit the density of the configured one") {
    ProcessorConfig config = small_config();
    config.reduction.sample.density_g_cm3 = 6.0;
    Bench bench(config);
    bench.start(1, 1, R"({"sample":{"composition":"Pd40Ni40P20"}})");
    bench.frame(1, 0);
    CHECK_FALSE(bench.last().config.sample.density_g_cm3);
    bench.start(2, 1, R"({"sample":{"composition":"Pd40Ni40P20","density_A3":0.08}})");
    bench.frame(2, 0);
    double const mass = 0.4 * 106.42 + 0.4 * 58.69 + 0.2 * 30.97; // g/mol of its atoms
    CHECK(*bench.last().config.sample.density_g_cm3 == doctest::Approx(0.08 * mass / 0.602214).epsilon(2e-4));
}
