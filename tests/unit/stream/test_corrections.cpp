// Corrections in the life of series: which dark fits, what the detector has done already, what results say of it.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

ProcessorConfig with_dark(DarkUse use = DarkUse::latest) {
    auto config = small_config();
    config.integration.solid_angle = false;
    config.reduction.dark_use = use;
    return config;
}

/// The series of a header with images of one value each.
ReducedResult measured(Bench& bench, Reducer& reducer, SeriesStart header, std::string const& appendix,
                       std::vector<std::uint32_t> const& values) {
    header.appendix = appendix;
    header.images_expected = values.size();
    bench.processor.on(header);
    for (std::uint64_t n = 0; n < values.size(); ++n) bench.frame(header.series.series_id, n, values[n]);
    return reducer(bench.last());
}

SeriesStart exposed(std::uint64_t series, double exposure_s) {
    SeriesStart header = header_of(series);
    header.count_time_s = exposure_s;
    return header;
}

bool flagged(ReducedResult const& result, std::string const& flag) {
    return std::find(result.curves.flags.begin(), result.curves.flags.end(), flag) != result.curves.flags.end();
}

std::vector<std::string> const& named(ReducedResult const& result) {
    return result.provenance.corrections;
}

void check_intensity(ReducedResult const& result, double expected) {
    for (double const intensity : result.curves.pattern.intensity) CHECK(intensity == doctest::Approx(expected).epsilon(1e-6));
}

std::shared_ptr<FlatField const> even_flat(double response) {
    auto flat = std::make_shared<FlatField>();
    flat->name = "even.npy";
    flat->response = Image<double>(rows, cols, response);
    return flat;
}

} // namespace

TEST_CASE("a dark is subtracted by exposure from samples, backgrounds and calibrants that follow, partials as well") {
    Bench bench(with_dark());
    Reducer reducer({"small", {}}, bench.clock);
    auto const early = measured(bench, reducer, exposed(1, 1), R"({"role":"sample"})", {9});
    CHECK(flagged(early, "no_dark"));
    CHECK(named(early).empty());
    check_intensity(early, 9);
    // 2 counts in 4 s; a frame whose monitor says nothing (the third) is no reason to leave it out
    auto const dark = measured(bench, reducer, exposed(2, 4), R"({"role":"dark","name":"d","monitor":[1e-6,3]})", {2, 2, 2});
    CHECK_FALSE(flagged(dark, "no_dark"));
    CHECK(named(dark).empty());
    check_intensity(dark, 0.5);
    std::uint64_t series = 3;
    for (char const* role : {"sample", "background", "calibrant"}) {
        auto const result =
            measured(bench, reducer, exposed(series++, 2), R"({"monitor":4,"role":")" + std::string(role) + "\"}", {9, 9, 9});
        CHECK_FALSE(flagged(result, "no_dark"));
        check_intensity(result, (9 - 1) / (2.0 * 4));
        CHECK(named(result) == std::vector<std::string>{"dark " + dark.scan.uid, "monitor"});
    }
    bench.processor.on(exposed(series, 2));
    for (std::uint64_t n = 0; n < 16; ++n) bench.frame(series, n, 9);
    bench.clock.advance(1);
    bench.processor.tick();
    REQUIRE(bench.last().state == ResultState::partial);
    check_intensity(reducer(bench.last()), (9 - 1) / 2.0);
}

TEST_CASE("with splitting the dark is subtracted pixel by pixel") {
    auto config = with_dark();
    config.integration.split = Split::full;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    Image<std::uint32_t> glowing(rows, cols, 1), lit(rows, cols, 5);
    for (std::size_t i = 0; i < glowing.size(); i += 3) {
        glowing.pixels[i] = 9;
        lit.pixels[i] = 13;
    }
    auto dark = exposed(1, 1), sample = exposed(2, 1);
    dark.images_expected = sample.images_expected = 1;
    dark.appendix = R"({"role":"dark"})";
    bench.processor.on(dark);
    bench.image(1, 0, glowing);
    reducer(bench.last());
    bench.processor.on(sample);
    bench.image(2, 0, lit);
    auto const result = reducer(bench.last());
    check_intensity(result, 4);
    CHECK_FALSE(flagged(result, "no_dark"));
}

TEST_CASE("images of floating-point numbers lose their dark counts, too") {
    Bench bench(with_dark());
    Reducer reducer({"small", {}}, bench.clock);
    auto header = exposed(7, 2);
    measured(bench, reducer, header, R"({"role":"dark"})", {4});
    bench.start(1, 2);
    for (std::uint64_t n = 0; n < 2; ++n) bench.processor.on(float_frame(n, 1.5)); // of 0.5 s
    check_intensity(reducer(bench.last()), 1.5 / 0.5 - 2);
}

TEST_CASE("a named dark is that one, and an unnamed one is the newest") {
    for (bool const by_name : {true, false}) {
        auto config = with_dark(by_name ? DarkUse::scan_id : DarkUse::latest);
        config.reduction.dark_scan = by_name ? "first" : "";
        Bench bench(config);
        Reducer reducer({"small", {}}, bench.clock);
        measured(bench, reducer, exposed(1, 1), R"({"role":"dark","name":"first"})", {1});
        measured(bench, reducer, exposed(2, 1), R"({"role":"dark","name":"second"})", {3});
        check_intensity(measured(bench, reducer, exposed(3, 1), "", {9}), by_name ? 8 : 6);
    }
}

TEST_CASE("a dark of other bins, pixels or exposure is not subtracted, and the flag says which") {
    Bench bench(with_dark());
    Reducer reducer({"small", {}}, bench.clock);
    measured(bench, reducer, exposed(1, 1), R"({"role":"dark"})", {1});
    ReducedResult const unknown = measured(bench, reducer, header_of(2), "", {9});
    CHECK(flagged(unknown, "dark_of_other_exposure"));
    check_intensity(unknown, 9);
    auto coarse = with_dark();
    coarse.integration.npt = 10;
    Bench other(coarse);
    other.processor.on(exposed(3, 1));
    other.frame(3, 0, 9);
    other.end(3);
    auto const result = reducer(other.last());
    CHECK(flagged(result, "dark_on_other_bins"));
    CHECK(named(result).empty());
    check_intensity(result, 9);
}

TEST_CASE("a background that still has its dark counts is said beside a sample that has none") {
    auto config = with_dark();
    config.background_use = BackgroundUse::latest;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    measured(bench, reducer, exposed(1, 1), R"({"role":"background"})", {3});
    measured(bench, reducer, exposed(2, 1), R"({"role":"dark"})", {1});
    CHECK(flagged(measured(bench, reducer, exposed(3, 1), "", {9}), "background_without_dark"));
    measured(bench, reducer, exposed(4, 1), R"({"role":"background"})", {3});
    auto const result = measured(bench, reducer, exposed(5, 1), R"({"sample":{"transmission":1}})", {9});
    CHECK_FALSE(flagged(result, "background_without_dark"));
    for (double const net : result.curves.net->intensity) CHECK(net == doctest::Approx(8 - 2));
}

TEST_CASE("dead time is undone once: by the detector, or here") {
    auto config = small_config();
    config.integration.solid_angle = false;
    config.reduction.dead_time = DeadTime{120e-9, false};
    double const exposure = 0.01, blind = 200 * 120e-9 / exposure;
    for (bool const split : {false, true}) {
        if (split) config.integration.split = Split::full;
        Bench bench(config);
        Reducer reducer({"small", {}}, bench.clock);
        auto header = exposed(1, exposure);
        auto const unknown = measured(bench, reducer, header, "", {200, 200});
        check_intensity(unknown, 200 / exposure / (1 - blind));
        REQUIRE(named(unknown).size() == 1);
        CHECK(named(unknown)[0].starts_with("dead_time 120 ns (the detector says nothing"));
        header.series.series_id = 2;
        header.countrate_correction_applied = false;
        auto const here = measured(bench, reducer, header, "", {200, 200});
        check_intensity(here, 200 / exposure / (1 - blind));
        CHECK(named(here) == std::vector<std::string>{"dead_time 120 ns"});
        CHECK(here.curves.pattern.sigma[5] / here.curves.pattern.intensity[5] ==
              doctest::Approx(1 / std::sqrt(here.curves.pattern.pixels[5] * 400)).epsilon(split ? 0.2 : 1e-6)); // split pixels are shared
        header.series.series_id = 3;
        header.countrate_correction_applied = true;
        auto const there = measured(bench, reducer, header, "", {200, 200});
        CHECK(flagged(there, "dead_time_applied_by_detector"));
        CHECK(named(there).empty());
        auto plain = config;
        plain.reduction.dead_time.reset();
        Bench without(plain);
        Reducer plainly({"small", {}}, without.clock);
        auto const untouched = measured(without, plainly, header, "", {200, 200}).curves.pattern;
        CHECK(there.curves.pattern.intensity == untouched.intensity); // to the last bit
        CHECK(there.curves.pattern.sigma == untouched.sigma);
    }
}

TEST_CASE("dead time is withheld where time or frames are not known, or frames differ too much for their sum") {
    auto config = small_config();
    config.integration.solid_angle = false;
    config.reduction.dead_time = DeadTime{120e-9, false};
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    CHECK(flagged(measured(bench, reducer, header_of(3), "", {100}), "dead_time_withheld"));
    bench.start(1, 1);
    bench.processor.on(float_frame(0, 1.5));
    auto const of_floats = reducer(bench.last());
    CHECK(flagged(of_floats, "dead_time_withheld"));
    CHECK(named(of_floats).empty());
    config.integration.split = Split::full;
    Bench split(config);
    Reducer by_pixels({"small", {}}, split.clock);
    auto const uneven = measured(split, by_pixels, exposed(1, 1e-4), "", {50, 200});
    CHECK(flagged(uneven, "dead_time_withheld"));
    CHECK(named(uneven).empty());
    check_intensity(uneven, 125 / 1e-4);
}

TEST_CASE("a rate beyond correction is said") {
    auto config = small_config();
    config.reduction.dead_time = DeadTime{120e-9, false};
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    CHECK(flagged(measured(bench, reducer, exposed(1, 2e-5), "", {100}), "dead_time_saturated"));
}

TEST_CASE("a flat field that the detector has applied is not applied again, series by series") {
    auto config = small_config();
    config.integration.solid_angle = false;
    config.integration.flat = even_flat(0.5);
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    std::uint64_t series = 1;
    for (auto const& applied : {std::optional<bool>(), std::optional(true), std::optional(false)}) {
        auto header = exposed(series++, 1);
        header.flatfield_applied = applied;
        auto const result = measured(bench, reducer, header, "", {6});
        bool const here = applied != true;
        check_intensity(result, here ? 12 : 6);
        CHECK(flagged(result, "flat_applied_by_detector") == !here);
        CHECK((bench.last().counts.bins->flat != nullptr) == here);
    }
}
