// Finals know what the sum of images showed; partials do not look.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

/// Frames of one value with one pixel that counts much more.
ReducedResult scan(Bench& bench, Reducer& reducer, std::string const& appendix, std::uint64_t series, std::uint32_t value,
                   std::uint32_t hot_value) {
    bench.start(series, 4, appendix);
    for (std::uint64_t n = 0; n < 4; ++n) {
        Image<std::uint32_t> pixels(rows, cols, value);
        pixels(40, 13) = hot_value;
        bench.image(series, n, pixels);
    }
    return reducer(bench.last());
}

ProcessorConfig flat_config() {
    auto config = small_config();
    config.integration.solid_angle = false;
    config.background_use = BackgroundUse::latest;
    return config;
}

void check_flat(std::vector<double> const& intensity, double value) {
    for (double const i : intensity) CHECK(i == doctest::Approx(value));
}

} // namespace

TEST_CASE("a hot pixel is listed and left out, of sample and background alike") {
    Bench bench(flat_config());
    Reducer reducer({"small", {}}, bench.clock);
    auto const air = scan(bench, reducer, R"({"role":"background"})", 1, 2, 5000);
    check_flat(air.curves.pattern.intensity, 2);
    REQUIRE(air.findings.hot_pixels.size() == 1);
    auto const sample = scan(bench, reducer, R"({"role":"sample"})", 2, 9, 30000);
    REQUIRE(sample.findings.hot_pixels.size() == 1);
    CHECK(sample.findings.hot_pixels[0].row == 40);
    CHECK(sample.findings.hot_pixels[0].col == 13);
    CHECK(sample.findings.hot_pixels[0].counts == 4 * 30000);
    REQUIRE(sample.curves.net);
    check_flat(sample.curves.net->intensity, 7);
}

TEST_CASE("with splitting a hot pixel is left out of every bin it touches") {
    auto config = flat_config();
    config.integration.split = Split::full;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    auto const result = scan(bench, reducer, "", 1, 9, 30000);
    CHECK(result.findings.hot_pixels.size() == 1);
    check_flat(result.curves.pattern.intensity, 9);
}

TEST_CASE("hot pixels stay where the search is off") {
    auto config = flat_config();
    config.reduction.watch.hot_pixels = false;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    auto const result = scan(bench, reducer, "", 1, 9, 30000);
    CHECK(result.findings.hot_pixels.empty());
    CHECK(*std::max_element(result.curves.pattern.intensity.begin(), result.curves.pattern.intensity.end()) > 100);
}

TEST_CASE("a background's frames without monitor are not in what is subtracted") {
    Bench bench(flat_config());
    Reducer reducer({"small", {}}, bench.clock);
    scan(bench, reducer, R"({"role":"background","monitor":[1,1,1]})", 1, 2, 2); // the fourth has none
    auto const sample = scan(bench, reducer, R"({"role":"sample"})", 2, 9, 9);
    REQUIRE(sample.curves.net);
    check_flat(sample.curves.net->intensity, 7);
}

TEST_CASE("a calibrant that nobody named is said to be unknown; a named one is checked") {
    Bench bench(flat_config());
    Reducer reducer({"small", {}}, bench.clock);
    auto const unnamed = scan(bench, reducer, R"({"role":"calibrant"})", 1, 9, 9);
    CHECK(std::count(unnamed.curves.flags.begin(), unnamed.curves.flags.end(), "calibrant_unknown") == 1);
    CHECK_FALSE(unnamed.findings.calibration);
    auto const named = scan(bench, reducer, R"({"role":"calibrant","calibrant":"CeO2"})", 2, 9, 9);
    REQUIRE(named.findings.calibration);
    CHECK(named.findings.calibration->calibrant == "CeO2");
    CHECK(named.findings.calibration->verdict == CalibrationVerdict::undetermined); // an even image has no rings
    CHECK(named.findings.hot_pixels.empty());
}

TEST_CASE("a pixel that is hot in the dark, too, is left out of both") {
    auto config = flat_config();
    config.reduction.dark_use = DarkUse::latest;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    scan(bench, reducer, R"({"role":"dark"})", 1, 1, 4000);
    auto const sample = scan(bench, reducer, R"({"role":"sample"})", 2, 9, 4100);
    REQUIRE(sample.findings.hot_pixels.size() == 1);
    check_flat(sample.curves.pattern.intensity, 8);
}
