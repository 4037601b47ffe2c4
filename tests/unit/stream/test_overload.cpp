// Frames first: what is left out while they wait, and that it is said.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

/// A frame and a tick every tenth of a second; returns the number of the next one.
std::uint64_t run(Bench& bench, std::uint64_t number, std::uint64_t frames) {
    for (std::uint64_t const end = number + frames; number < end; ++number) {
        bench.frame(1, number);
        bench.clock.advance(0.1);
        bench.processor.tick();
    }
    return number;
}

} // namespace

TEST_CASE("while frames wait, results are rarer; once they do not, as often as before") {
    Bench bench;
    bench.start(1);
    std::uint64_t next = run(bench, 0, 40);
    CHECK(bench.jobs.size() >= 7); // every half second
    CHECK_FALSE(bench.active("extras_left_out"));
    bench.jobs.clear();
    bench.load = 0.51;
    next = run(bench, next, 60);
    CHECK(bench.jobs.size() >= 2); // every two seconds
    CHECK(bench.jobs.size() <= 4);
    CHECK(bench.alarmed("extras_left_out"));
    bench.load = 0.2; // not yet over
    next = run(bench, next, 1);
    CHECK(bench.alarmed("extras_left_out"));
    bench.load = 0.09;
    next = run(bench, next, 1);
    CHECK_FALSE(bench.active("extras_left_out"));
    bench.jobs.clear();
    run(bench, next, 40);
    CHECK(bench.jobs.size() >= 6);
}

TEST_CASE("a final of a time when frames wait has every frame, and goes without extras") {
    for (double const load : {0.0, 0.9}) {
        Bench bench;
        bench.load = load;
        bench.start(1);
        run(bench, 0, 20);
        bench.processor.finish("end");
        ReductionJob job = bench.last();
        CHECK(job.extras == (load == 0));
        CHECK(job.counts.frames.size() == 20);
        job.config.uncertainty.systematics = true;
        Reducer reducer({}, bench.clock);
        auto const result = reducer(job);
        auto const& flags = result.curves.flags;
        CHECK((std::find(flags.begin(), flags.end(), "extras_left_out") != flags.end()) == (load > 0));
        CHECK(result.frames.used == 20);
    }
}
