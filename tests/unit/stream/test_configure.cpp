// Another configuration while series run.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

ProcessorConfig config_named(std::string const& id, double exposure_of_partials_s) {
    ProcessorConfig out = small_config();
    out.config_id = id;
    out.partial_period_s = exposure_of_partials_s;
    out.reduction.uncertainty.replicas = id == "new" ? 7 : 0;
    return out;
}

} // namespace

TEST_CASE("a series ends by the configuration that it began with, the next one has the new one") {
    Bench bench(config_named("old", 0.5));
    bench.start(1, 2);
    bench.frame(1, 0);
    bench.processor.configure(config_named("new", 0.5));
    bench.frame(1, 1); // complete
    bench.start(2, 1);
    bench.frame(2, 0);
    REQUIRE(bench.jobs.size() == 2);
    CHECK(bench.jobs[0].config_id == "old");
    CHECK(bench.jobs[0].config.uncertainty.replicas == 0);
    CHECK(bench.jobs[1].config_id == "new");
    CHECK(bench.jobs[1].config.uncertainty.replicas == 7);
}

TEST_CASE("a series that is ended by the next one still has the configuration that it began with") {
    Bench bench(config_named("old", 0.5));
    bench.start(1);
    bench.frame(1, 0);
    bench.processor.configure(config_named("new", 0.5));
    bench.start(2, 1);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.jobs[0].config_id == "old");
}

TEST_CASE("of two configurations that wait the newer one counts") {
    Bench bench(config_named("old", 0.5));
    bench.processor.configure(config_named("newer", 0.5));
    bench.processor.configure(config_named("new", 0.5));
    bench.start(1, 1);
    bench.frame(1, 0);
    REQUIRE(bench.jobs.size() == 1);
    CHECK(bench.jobs[0].config_id == "new");
}
