// Finals that need to know the pixels of a bin: splitting, outliers, errors along the ring.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

ProcessorConfig with_full_split() {
    auto config = small_config();
    config.integration.split = Split::full;
    config.integration.solid_angle = false;
    config.background_use = BackgroundUse::latest;
    return config;
}

ReducedResult reduced(Bench& bench, Reducer& reducer, std::string const& appendix, std::uint64_t series, std::uint32_t value) {
    bench.start(series, 3, appendix);
    for (std::uint64_t n = 0; n < 3; ++n) bench.frame(series, n, value);
    return reducer(bench.last());
}

bool flagged(ReducedResult const& result, std::string const& flag) {
    return std::find(result.curves.flags.begin(), result.curves.flags.end(), flag) != result.curves.flags.end();
}

} // namespace

TEST_CASE("with splitting the final is made of the pixel sum, a partial of the counts, on the same bins") {
    Bench bench(with_full_split());
    bench.start(1, 20);
    for (std::uint64_t n = 0; n < 16; ++n) bench.frame(1, n, 4);
    bench.clock.advance(1);
    bench.processor.tick();
    REQUIRE(bench.last().state == ResultState::partial);
    CHECK_FALSE(bench.last().pixel_sum);
    for (std::uint64_t n = 16; n < 20; ++n) bench.frame(1, n, 4);
    auto const& job = bench.last();
    REQUIRE(job.state == ResultState::final);
    REQUIRE(job.pixel_sum);
    CHECK(job.pixel_sum->frames == 20);
    CHECK(std::accumulate(job.pixel_sum->counts.begin(), job.pixel_sum->counts.end(), 0.0) == 20.0 * 4 * rows * cols);
    Reducer reducer({"small", {}}, bench.clock);
    auto const pattern = reducer(job).curves.pattern;
    REQUIRE(pattern.radial == job.counts.bins->axis.centres());
    double shared = 0;
    for (std::size_t b = 0; b < pattern.radial.size(); ++b) {
        CHECK(pattern.intensity[b] == doctest::Approx(4)); // counts of a frame: nobody told the exposure
        shared += std::abs(pattern.pixels[b] - job.counts.bins->bin_pixels[b]);
    }
    CHECK(shared > 10); // pixels at edges are in two bins
}

TEST_CASE("a background that was split the same way is subtracted") {
    Bench bench(with_full_split());
    Reducer reducer({"small", {}}, bench.clock);
    reduced(bench, reducer, R"({"role":"background","name":"air"})", 1, 1);
    auto const result = reduced(bench, reducer, R"({"role":"sample"})", 2, 5);
    REQUIRE(result.curves.net);
    for (double const net : result.curves.net->intensity) CHECK(net == doctest::Approx(4));
    CHECK_FALSE(flagged(result, "points_not_selected"));
    CHECK(flagged(result, "bins_correlated"));
}

TEST_CASE("a map is reduced whole, and says so") {
    Bench bench(with_full_split());
    Reducer reducer({"small", {}}, bench.clock);
    CHECK(flagged(reduced(bench, reducer, R"({"role":"sample","grid":[1,3]})", 1, 5), "points_not_selected"));
}

TEST_CASE("a frame without monitor cannot be taken out of the sum: the counts per bin must do") {
    Bench bench(with_full_split());
    Reducer reducer({"small", {}}, bench.clock);
    auto const result = reduced(bench, reducer, R"({"role":"sample","monitor":[1,1]})", 1, 5);
    CHECK(flagged(result, "pixels_withheld:no_monitor"));
    CHECK(result.curves.pattern.intensity[5] == doctest::Approx(5));
}

TEST_CASE("each pixel has its monitor and exposure") {
    Bench bench(with_full_split());
    Reducer reducer({"small", {}}, bench.clock);
    auto const result = reduced(bench, reducer, R"({"role":"sample","monitor":[1,2,3],"attenuation":0.5})", 1, 6);
    for (double const intensity : result.curves.pattern.intensity) CHECK(intensity == doctest::Approx(18.0 / (6 * 0.5)));
}

TEST_CASE("images of floating-point numbers are split, too") {
    Bench bench(with_full_split());
    Reducer reducer({"small", {}}, bench.clock);
    bench.start(1, 2);
    for (std::uint64_t n = 0; n < 2; ++n) bench.processor.on(float_frame(n, 1.5));
    auto const result = reducer(bench.last());
    REQUIRE(bench.last().pixel_sum);
    for (double const intensity : result.curves.pattern.intensity) CHECK(intensity == doctest::Approx(3));
}

TEST_CASE("a cake comes with finals alone, sums to their pattern and changes nothing else of them") {
    auto config = small_config();
    Bench plain_bench(config);
    config.integration.cake.emplace().npt_azim = 24;
    Bench bench(config);
    for (auto* each : {&plain_bench, &bench}) {
        each->start(1, 20);
        for (std::uint64_t n = 0; n < 16; ++n) each->frame(1, n, 4);
        each->clock.advance(1);
        each->processor.tick();
    }
    Reducer plain_reducer({"small", {}}, plain_bench.clock), reducer({"small", {}}, bench.clock);
    REQUIRE(bench.last().state == ResultState::partial);
    CHECK_FALSE(reducer(bench.last()).curves.cake);
    for (auto* each : {&plain_bench, &bench})
        for (std::uint64_t n = 16; n < 20; ++n) each->frame(1, n, 4);
    REQUIRE(bench.last().state == ResultState::final);
    auto const plain = plain_reducer(plain_bench.last()), result = reducer(bench.last());
    CHECK_FALSE(plain.curves.cake);
    CHECK(result.curves.pattern.intensity == plain.curves.pattern.intensity);
    CHECK(result.curves.pattern.sigma == plain.curves.pattern.sigma);
    REQUIRE(result.curves.cake);
    Cake const& cake = *result.curves.cake;
    CHECK(cake.radial.centres() == result.curves.pattern.radial);
    for (std::size_t r = 0; r < cake.radial.size(); ++r) {
        double count = 0, counts = 0;
        for (std::size_t a = 0; a < 24; ++a) {
            count += cake.count(a, r);
            if (cake.count(a, r) > 0) counts += cake.intensity(a, r) * cake.norm(a, r);
        }
        CHECK(count == result.curves.pattern.pixels[r]);
        CHECK(counts == doctest::Approx(result.curves.pattern.counts[r]).epsilon(1e-12));
    }
    CHECK_FALSE(flagged(result, "points_not_selected"));
    CHECK_FALSE(flagged(result, "cake_of_all_points"));
}

TEST_CASE("a cake of a map has all its points, and says so where the pattern has not") {
    auto config = small_config();
    config.integration.cake.emplace().npt_azim = 24;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    bench.start(1, 10, R"({"role":"sample","grid":[2,5],"sample":{"transmission":0.5}})");
    for (std::uint64_t n = 0; n < 10; ++n) bench.frame(1, n, n < 3 ? 1 : 100);
    auto const result = reducer(bench.last());
    CHECK(result.frames.rejected == 3);
    REQUIRE(result.curves.cake);
    CHECK(flagged(result, "cake_of_all_points"));
    double counts = 0;
    for (std::size_t i = 0; i < result.curves.cake->count.size(); ++i)
        if (result.curves.cake->count.pixels[i] > 0) counts += result.curves.cake->intensity.pixels[i] * result.curves.cake->norm.pixels[i];
    double in_bins = 0;
    for (auto const pixels : bench.last().counts.bins->bin_pixels) in_bins += pixels;
    CHECK(counts == doctest::Approx(703 * in_bins).epsilon(1e-12));
}

TEST_CASE("images of floating-point numbers have a cake, too") {
    auto config = small_config();
    config.integration.cake.emplace().npt_azim = 24;
    config.integration.solid_angle = false;
    Bench bench(config);
    Reducer reducer({"small", {}}, bench.clock);
    bench.start(1, 2);
    for (std::uint64_t n = 0; n < 2; ++n) bench.processor.on(float_frame(n, 1.5));
    auto const result = reducer(bench.last());
    REQUIRE(result.curves.cake);
    for (std::size_t i = 0; i < result.curves.cake->count.size(); ++i)
        if (result.curves.cake->count.pixels[i] > 0) CHECK(result.curves.cake->intensity.pixels[i] == doctest::Approx(3));
}
