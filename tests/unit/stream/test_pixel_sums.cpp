// Results that need to know the pixels of a bin: splitting, outliers, errors along the ring, cakes.
#include "pipeline/stream/worker_pool.hpp"
#include "tests/support/series_bench.hpp"

#include <random>

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

TEST_CASE("with splitting partial and final are made of the pixel sum, on the same bins") {
    Bench bench(with_full_split());
    bench.start(1, 20);
    for (std::uint64_t n = 0; n < 16; ++n) bench.frame(1, n, n < 8 ? 3 : 7);
    bench.clock.advance(1);
    bench.processor.tick();
    REQUIRE(bench.last().state == ResultState::partial);
    REQUIRE(bench.last().pixel_sum);
    CHECK(bench.last().pixel_sum->frames == 16);
    Reducer partial_reducer({"small", {}}, bench.clock);
    auto const partial = partial_reducer(bench.last());
    CHECK(flagged(partial, "bins_correlated"));
    for (double const intensity : partial.curves.pattern.intensity) CHECK(intensity == doctest::Approx(5));
    for (std::uint64_t n = 16; n < 20; ++n) bench.frame(1, n, 0);
    auto const& job = bench.last();
    REQUIRE(job.state == ResultState::final);
    REQUIRE(job.pixel_sum);
    CHECK(job.pixel_sum->frames == 20);
    CHECK(std::accumulate(job.pixel_sum->counts.begin(), job.pixel_sum->counts.end(), 0.0) == 20.0 * 4 * rows * cols);
    CHECK(std::accumulate(bench.jobs.front().pixel_sum->counts.begin(), bench.jobs.front().pixel_sum->counts.end(), 0.0) ==
          16.0 * 5 * rows * cols); // what was handed out stays as it was
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

TEST_CASE("of sums for partials one is out at a time: who has it gets no second one, who lets go does, and a final always comes") {
    Bench bench(with_full_split());
    bench.start(1, 100);
    auto const tick_after = [&bench](std::uint64_t first) {
        for (std::uint64_t n = first; n < first + 16; ++n) bench.frame(1, n, 2);
        bench.clock.advance(1);
        bench.processor.tick();
    };
    tick_after(0);
    REQUIRE(bench.jobs.size() == 1);
    double const* const memory = bench.last().pixel_sum->counts.data();
    tick_after(16);
    CHECK(bench.jobs.size() == 1); // the first one is not reduced yet
    bench.jobs.clear();
    bench.processor.tick();
    REQUIRE(bench.jobs.size() == 1); // as soon as it is: not a period later
    CHECK(bench.last().pixel_sum->frames == 32);
    CHECK(bench.last().pixel_sum->counts.data() == memory);
    bench.end(1);
    REQUIRE(bench.jobs.size() == 2);
    CHECK(bench.last().state != ResultState::partial);
    CHECK(bench.last().pixel_sum->counts.data() != memory);
    CHECK(bench.jobs.front().pixel_sum->counts == bench.last().pixel_sum->counts);
}

TEST_CASE("without splitting partials have no sum of pixels and never wait for one") {
    Bench bench(small_config());
    bench.start(1, 100);
    for (std::uint64_t round = 0; round < 3; ++round) {
        for (std::uint64_t n = 0; n < 16; ++n) bench.frame(1, 16 * round + n, 2);
        bench.clock.advance(1);
        bench.processor.tick();
    }
    REQUIRE(bench.jobs.size() == 3);
    for (auto const& job : bench.jobs) CHECK_FALSE(job.pixel_sum);
}

TEST_CASE("results are the same whatever runs the loops over pixels") {
    for (Split const split : {Split::none, Split::full}) {
        auto config = with_full_split();
        config.integration.split = split;
        config.integration.outliers.method = Outliers::Method::sigma_clip;
        config.integration.error_model = ErrorModel::hybrid;
        config.integration.cake.emplace().npt_azim = 24;
        std::vector<ReducedResult> results;
        for (std::size_t const workers : {1U, 2U, 3U, 7U}) {
            WorkerPool pool(workers);
            Bench bench(config);
            Reducer reducer({"small", {}}, bench.clock, pool.parallel_for());
            bench.start(1, 3);
            std::mt19937 random(5);
            for (std::uint64_t n = 0; n < 3; ++n) {
                Image<std::uint32_t> image(rows, cols);
                for (auto& pixel : image.pixels) pixel = std::poisson_distribution<std::uint32_t>(30)(random);
                image(20, 20) = 5000;
                bench.image(1, n, image);
            }
            results.push_back(reducer(bench.last()));
            REQUIRE(results.back().findings.hot_pixels.size() == 1);
            CHECK(results.back().findings.hot_pixels == results.front().findings.hot_pixels);
            CHECK(results.back().curves.pattern.intensity == results.front().curves.pattern.intensity);
            CHECK(results.back().curves.pattern.sigma == results.front().curves.pattern.sigma);
            CHECK(results.back().curves.pattern.correlation == results.front().curves.pattern.correlation);
            CHECK(results.back().curves.cake->norm == results.front().curves.cake->norm);
            CHECK(results.back().curves.cake->count == results.front().curves.cake->count);
        }
    }
}

TEST_CASE("a cake comes with every result, sums to its pattern and changes nothing else of it") {
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
    CHECK(reducer(bench.last()).curves.cake);
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
