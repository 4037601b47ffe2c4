// Scans on one scale, and the background that fits them.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a background is stored at its final and used by the sample that follows") {
    ProcessorConfig config = small_config();
    config.background_use = BackgroundUse::latest;
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 4, R"({"role":"background","name":"air"})");
    for (std::uint64_t n = 0; n < 4; ++n) bench.frame(1, n, 2);
    auto const air = reduce(bench.last());
    CHECK(air.curves.pattern.intensity.size() == 20);
    REQUIRE(reduce.latest_background());
    bench.start(2, 2, R"({"role":"sample","name":"glass","sample":{"transmission":1}})");
    for (std::uint64_t n = 0; n < 2; ++n) bench.frame(2, n, 7);
    auto const glass = reduce(bench.last());
    REQUIRE(glass.curves.net);
    CHECK(glass.provenance.background_uid == air.scan.uid);
    for (std::size_t i = 0; i < glass.curves.net->intensity.size(); ++i) {
        double const norm = air.curves.pattern.intensity[i] / 2; // a flat image of 1 would give this
        CHECK(glass.curves.net->intensity[i] == doctest::Approx(5 * norm).epsilon(1e-12));
    }
}

TEST_CASE("of backgrounds the newest stay, and those that are subtracted by their id") {
    ProcessorConfig config = small_config();
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    reduce.never_forget("air0");
    std::uint64_t series = 0;
    auto const measure = [&](std::string const& appendix, std::string const& subtracts) {
        bench.start(++series, 1, appendix);
        bench.frame(series, 0, 5);
        ReductionJob job = bench.last();
        job.background_use = BackgroundUse::scan_id;
        job.background_scan = subtracts;
        return reduce(job);
    };
    std::size_t const more = Reducer::most_backgrounds + 3;
    for (std::size_t i = 0; i < more; ++i) measure(R"({"role":"background","name":"air)" + std::to_string(i) + "\"}", i < 2 ? "" : "air2");
    CHECK(reduce.take_forgotten() == std::vector<std::string>{"air1", "air3", "air4"});
    CHECK(reduce.take_forgotten().empty());
    auto const subtracted = [&](std::string const& id) { return measure(R"({"role":"sample"})", id).curves.net.has_value(); };
    for (char const* kept : {"air0", "air2", "air5"}) CHECK_MESSAGE(subtracted(kept), kept);
    for (char const* gone : {"air1", "air3", "air4"}) CHECK_FALSE_MESSAGE(subtracted(gone), gone);
}

TEST_CASE("only of a sample it is said that its thickness does not show") {
    ProcessorConfig config = small_config();
    config.reduction.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    config.reduction.sample.density_g_cm3 = 6.0;
    config.reduction.sample.thickness_um = 30; // mu t near 1 at 12.4 keV
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    std::uint64_t series = 0;
    auto const flagged = [&](std::string const& role) {
        bench.start(++series, 1, R"({"role":")" + role + R"(","calibrant":"LaB6"})");
        bench.frame(series, 0, 100);
        auto const flags = reduce(bench.last()).curves.flags;
        return std::find(flags.begin(), flags.end(), "thickness_blind") != flags.end();
    };
    CHECK(flagged("sample"));
    for (char const* role : {"background", "dark", "calibrant"}) CHECK_FALSE_MESSAGE(flagged(role), role);
}

TEST_CASE("frames shorter or longer, with more or less beam, are brought to the same scale") {
    ProcessorConfig config = small_config();
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    auto const measure = [&](std::uint64_t series, double exposure_s, char const* appendix, std::uint32_t value) {
        SeriesStart header = header_of(series, 1);
        header.count_time_s = exposure_s;
        header.appendix = appendix;
        bench.processor.on(header);
        bench.frame(series, 0, value);
        return reduce(bench.last()).curves.pattern.intensity;
    };
    auto const reference = measure(1, 0.1, "", 4);
    CHECK(measure(2, 0.2, "", 8) == reference);
    CHECK(measure(3, 0.1, R"({"monitor":2})", 8) == reference);
    CHECK(measure(4, 0.1, R"({"monitor":[2]})", 8) == reference);
}

TEST_CASE("scans of known and of unknown exposure are never subtracted from each other") {
    ProcessorConfig config = small_config();
    config.background_use = BackgroundUse::latest;
    Bench bench(config);
    Reducer reduce({.detector = "test", .provenance = {}}, bench.clock);
    bench.start(1, 1, R"({"role":"background"})");
    bench.frame(1, 0);
    CHECK(has_flag(bench.last(), exposure_unknown_flag));
    reduce(bench.last());
    SeriesStart header = header_of(2, 1);
    header.count_time_s = 0.02;
    bench.processor.on(header);
    bench.frame(2, 0);
    auto const sample = reduce(bench.last());
    CHECK_FALSE(sample.curves.net);
    CHECK(std::find(sample.curves.flags.begin(), sample.curves.flags.end(), "background_of_other_exposure") != sample.curves.flags.end());
    bench.start(3, 1);
    bench.frame(3, 0);
    CHECK(reduce(bench.last()).curves.net);
}
