// Series of senders that name none: lost headers and ends, reordered and repeated messages.
#include "detectors/pilatus_stream/series_counter.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace sqd;
using sqd::pilatus_stream::SeriesCounter;

namespace {

constexpr auto none = std::nullopt;

/// The series of an image that must not be told by its message number.
std::uint64_t running(SeriesCounter& series, std::optional<std::uint64_t> message, std::optional<std::uint64_t> frame) {
    auto const place = series.image(message, frame);
    CHECK_FALSE(place.told);
    return place.series;
}

} // namespace

TEST_CASE("headers count series, images before any are series 0") {
    SeriesCounter series;
    CHECK(running(series, none, 0) == 0);
    CHECK(series.header(none) == 1);
    CHECK(running(series, none, 0) == 1);
    CHECK(series.header(none) == 2);
    CHECK(running(series, none, none) == 2);
}

TEST_CASE("an end is that of the running series, and a repeated one names the series it ended") {
    SeriesCounter series;
    series.header(none);
    auto const first = series.end(none);
    CHECK(first.series.series_id == 1);
    CHECK(first.any_series);
    auto const again = series.end(none);
    CHECK(again.series.series_id == 1);
    CHECK_FALSE(again.any_series);
    CHECK(running(series, none, 0) == 2);
}

TEST_CASE("frames that begin anew are the next series only where messages have no numbers or come in order") {
    SeriesCounter series;
    series.header(none);
    for (std::uint64_t const frame : {0u, 1u, 3u, 2u}) CHECK(running(series, none, frame) == 1);
    CHECK(running(series, none, 0) == 2);

    SeriesCounter numbered;
    numbered.header(10);
    CHECK(running(numbered, 13, 2) == 1);
    CHECK(running(numbered, 11, 0) == 1); // sent before the one above
    CHECK(running(numbered, 12, 1) == 1);
    CHECK(running(numbered, 50, 39) == 1);
    CHECK(running(numbered, 53, 0) == 2); // end 51 and header 52 are lost
    CHECK(running(numbered, 54, 1) == 2);
}

TEST_CASE("reordering deeper than any window of frames is no reset where messages have numbers") {
    SeriesCounter series;
    series.header(0);
    CHECK(running(series, 101, 100) == 1);
    for (std::uint64_t message = 1; message <= 100; ++message) CHECK(running(series, message, message - 1) == 1);
}

TEST_CASE("gaps in message numbers are only gaps") {
    SeriesCounter series;
    series.header(0);
    CHECK(running(series, 5, 4) == 1);
    CHECK(running(series, 500, 499) == 1);
    CHECK(series.end(900).any_series);
}

TEST_CASE("an image that is overtaken by its end or by the next header goes to its own series") {
    SeriesCounter series;
    series.header(0);
    running(series, 1, 0);
    series.end(4);
    auto place = series.image(3, 2);
    CHECK(place.series == 1);
    CHECK(place.told);
    CHECK(series.header(5) == 2);
    place = series.image(2, 1);
    CHECK(place.series == 1);
    CHECK(place.told);
    CHECK(running(series, 6, 0) == 2);
}

TEST_CASE("an end that is overtaken by the next header does not end the next series") {
    SeriesCounter series;
    series.header(0);
    running(series, 1, 0);
    CHECK(series.header(3) == 2);
    auto const late = series.end(2);
    CHECK(late.series.series_id == 1);
    CHECK_FALSE(late.any_series);
    CHECK(running(series, 4, 0) == 2);
}

TEST_CASE("a header that is overtaken by its images is theirs") {
    SeriesCounter series;
    series.header(0);
    running(series, 1, 0);
    series.end(2);
    CHECK(running(series, 5, 1) == 2);
    CHECK(running(series, 4, 0) == 2);
    CHECK(series.header(3) == 2);
    CHECK(running(series, 6, 2) == 2);
    CHECK(series.header(8) == 3);
}

TEST_CASE("a late image of a series that was over before anything was received is refused") {
    SeriesCounter series;
    CHECK(series.header(400) == 1);
    CHECK_THROWS_AS(series.image(399, 12), DecodeError);
    CHECK(running(series, 401, 0) == 1);
}

TEST_CASE("a sender that starts again counts its messages from 0") {
    SeriesCounter series;
    series.header(5000);
    CHECK(running(series, 5001, 0) == 1);
    CHECK(running(series, 5002, 1) == 1);
    SeriesCounter without_header = series;
    CHECK(series.header(0) == 2);
    CHECK(running(series, 1, 0) == 2);
    CHECK(running(without_header, 1, 5) == 2); // the header is lost
    CHECK(running(without_header, 2, 6) == 2);
}
