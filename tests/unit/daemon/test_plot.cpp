// Marks of axes, ranges, and pages that are whole files and the same every time.
#include "daemon/plot/palette.hpp"
#include "daemon/plot/report.hpp"
#include "daemon/plot/series_page.hpp"
#include "daemon/plot/ticks.hpp"
#include "tests/support/full_result.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace sqd;

namespace {

ArchivedResult full() {
    ArchivedResult out;
    out.result = test::full_result();
    out.point_counts = test::some_values(out.result.points->number.size(), 5);
    out.advice = "a sentence", out.comparison = "another";
    return out;
}

std::string const png_begin = "\x89PNG\r\n\x1a\n";

} // namespace

TEST_CASE("marks are round, inside, evenly spaced, and their labels read as their places") {
    for (auto const& [low, high] : {std::pair{0.0, 1.0}, {2.2, 3.1}, {-4e-5, 9e-5}, {2.6140, 2.6151}, {-1e7, 3e7}, {0.1, 30.0}}) {
        auto const& this_low = low;
        CAPTURE(this_low);
        auto const marks = ticks(low, high, 6);
        REQUIRE(marks.size() >= 3);
        CHECK(marks.size() <= 10);
        double const step = marks[1].at - marks[0].at;
        double const digit = step / std::pow(10, std::floor(std::log10(step * 1.0000001)));
        CHECK((std::abs(digit - 1) < 1e-6 || std::abs(digit - 2) < 1e-6 || std::abs(digit - 5) < 1e-6));
        for (std::size_t i = 0; i < marks.size(); ++i) {
            CHECK(marks[i].at >= low - 1e-9 * step);
            CHECK(marks[i].at <= high + 1e-9 * step);
            CHECK(std::abs(std::stod(marks[i].label) - marks[i].at) < 1e-6 * step);
            if (i > 0) CHECK(std::abs(marks[i].at - marks[i - 1].at - step) < 1e-6 * step);
        }
    }
    CHECK(ticks(1, 1, 5).empty());
}

TEST_CASE("ranges pass over what is no number, and are never empty") {
    double const nan = std::nan("");
    CHECK(range_of({3, nan, 1, std::numeric_limits<double>::infinity()}, 0.5) == std::pair{0.0, 4.0});
    CHECK(range_of({nan}, 0.1) == std::pair{0.0, 1.0});
    auto const one = range_of({2.5}, 0.1);
    CHECK(one.first < 2.5);
    CHECK(one.second > 2.5);
    std::vector<double> values(100, 1);
    values[7] = 1e9, values[8] = 2;
    CHECK(robust_range(values, 0.02).second <= 2);
}

TEST_CASE("cividis goes from dark blue to yellow and never gets darker") {
    auto const brightness = [](Color const& c) { return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue; };
    for (int i = 0; i < 100; ++i) CHECK(brightness(cividis((i + 1) / 100.0)) >= brightness(cividis(i / 100.0)));
    CHECK(cividis(0).blue > cividis(0).red);
    CHECK(cividis(1).red > cividis(1).blue);
    CHECK(cividis(7).red == cividis(1).red);
}

TEST_CASE("a report is a whole file, the same bytes every time, and another for another result") {
    ArchivedResult other = full();
    other.result.curves.fsdp->q1 += 0.01;
    std::string const page = report_page(full(), PageKind::png);
    CHECK(page.starts_with(png_begin));
    CHECK(page.find("IEND") != std::string::npos);
    CHECK(page == report_page(full(), PageKind::png));
    CHECK(page != report_page(other, PageKind::png));
    std::string const pdf = report_page(full(), PageKind::pdf);
    CHECK(pdf.starts_with("%PDF"));
    CHECK(pdf.find("%%EOF") != std::string::npos);
    CHECK(pdf == report_page(full(), PageKind::pdf));
}

TEST_CASE("a page is drawn of whatever there is, down to nothing") {
    CHECK(report_page({}, PageKind::png).starts_with(png_begin));
    ArchivedResult no_map = full();
    no_map.result.scan.grid.reset();
    no_map.result.curves.sq.reset(), no_map.result.curves.gr.reset(), no_map.result.curves.net.reset();
    CHECK(report_page(no_map, PageKind::png).starts_with(png_begin));
    CHECK(series_page({"T", {}, {}}, PageKind::png).starts_with(png_begin));
    Series const one{"T", {{"a.nxs", test::full_result(), 300}}, {}};
    CHECK(series_page(one, PageKind::png).starts_with(png_begin));
    CHECK(series_page(one, PageKind::png) != series_page({"T", {}, {}}, PageKind::png));
}
