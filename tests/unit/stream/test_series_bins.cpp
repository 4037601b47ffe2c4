// A header that disagrees is refused; the detector's mask takes pixels out.
#include "tests/support/series_bench.hpp"

using namespace sqd;
using namespace sqd::test;

TEST_CASE("a header that disagrees refuses the series with both values, and the next is reduced") {
    Bench bench;
    SeriesStart header = header_of(1);
    header.energy_keV = 20.0;
    bench.processor.on(header);
    bench.frame(1, 0);
    bench.end(1);
    CHECK(bench.last().state == ResultState::aborted);
    CHECK(bench.last().frames.rejected_by.at("refused") == 1);
    auto const alarms = bench.alarms.current();
    auto const refused = std::find_if(alarms.begin(), alarms.end(), [](Alarm const& a) { return a.name == "refused"; });
    REQUIRE(refused != alarms.end());
    CHECK(refused->message.find("20") != std::string::npos);
    CHECK(refused->message.find("12.398") != std::string::npos);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().state == ResultState::final);
    CHECK(bench.last().frames.used == 1);
}

TEST_CASE("the stream's pixel mask takes pixels out, and is kept when a start is missed") {
    Bench bench;
    SeriesStart header = header_of(1, 1);
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols, 0);
    (*mask)[100] = 16;
    header.pixel_mask = mask;
    bench.processor.on(header);
    bench.frame(1, 0);
    CHECK(total_counts(bench.last()) == rows * cols - 1);
    bench.frame(2, 0);
    bench.end(2);
    CHECK(total_counts(bench.last()) == rows * cols - 1);
}

TEST_CASE("the mask of a refused series is not that of the next") {
    Bench bench;
    SeriesStart header;
    header.series = {1, ""};
    header.rows = 10;
    header.cols = 10;
    header.pixel_mask = std::make_shared<std::vector<std::uint32_t> const>(100, 0U);
    bench.processor.on(header);
    bench.start(2, 1);
    bench.frame(2, 0);
    CHECK(bench.last().state == ResultState::final);
}
