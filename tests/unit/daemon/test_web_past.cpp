// What the web part keeps of before: rows of the waterfall and lines of the log, each within its bounds.
#include "daemon/log/limited_sink.hpp"
#include "daemon/log/log_memory.hpp"
#include "daemon/web/row_board.hpp"
#include "daemon/web/web_pages.hpp"

#include <doctest/doctest.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace sqd;

namespace {

std::string bytes_of(std::vector<double> const& values) {
    std::string out(values.size() * sizeof(double), '\0');
    if (!values.empty()) std::memcpy(out.data(), values.data(), out.size());
    return out;
}

WireMessage curve(std::string const& schema, std::string const& role, std::uint64_t result,
                  std::vector<std::pair<std::string, std::vector<double>>> const& arrays) {
    WireMessage out;
    out.topic = "i/x/";
    out.header = {{"schema", schema},
                  {"scan", {{"uid", "u"}, {"id", "vit4"}, {"role", role}}},
                  {"state", "partial"},
                  {"result", result},
                  {"frames", {{"used", 10 * result}}},
                  {"time", {{"published", "t"}}},
                  {"arrays", Json::array()}};
    for (auto const& [name, values] : arrays) {
        out.header["arrays"].push_back({{"name", name}, {"unit", ""}, {"dtype", "<f8"}, {"shape", {values.size()}}});
        out.arrays.push_back(bytes_of(values));
    }
    return out;
}

struct Read {
    Json header;
    std::vector<float> q, rows;
};

Read read(std::optional<std::string> const& frame) {
    REQUIRE(frame);
    std::uint32_t length = 0;
    std::memcpy(&length, frame->data(), sizeof length);
    REQUIRE(length % 4 == 0);
    Read out{Json::parse(frame->substr(4, length)), {}, {}};
    auto const shape = [&](std::size_t i) { return out.header["arrays"][i]["shape"].get<std::vector<std::size_t>>(); };
    out.q.resize(shape(0)[0]);
    out.rows.resize(shape(1)[0] * shape(1)[1]);
    REQUIRE(frame->size() == 4 + length + (out.q.size() + out.rows.size()) * sizeof(float));
    if (!out.q.empty()) std::memcpy(out.q.data(), frame->data() + 4 + length, out.q.size() * sizeof(float));
    if (!out.rows.empty())
        std::memcpy(out.rows.data(), frame->data() + 4 + length + out.q.size() * sizeof(float), out.rows.size() * sizeof(float));
    return out;
}

std::vector<double> counted(std::size_t size, double from = 0) {
    std::vector<double> out(size);
    std::iota(out.begin(), out.end(), from);
    return out;
}

} // namespace

TEST_CASE("rows are the curves of samples as float32, net where there is one, on the axis that they came with") {
    RowBoard board;
    CHECK(read(board.frame("I")).header["results"].empty());
    std::vector<double> const q{0.1, 0.2, 0.3}, i{1, 2, 3}, net{0.5, std::numeric_limits<double>::quiet_NaN(), 1.1};
    board.add(curve("sqd.pattern/1.0", "sample", 1, {{"q", q}, {"I", i}}));
    board.add(curve("sqd.pattern/1.0", "background", 2, {{"q", q}, {"I", i}}));
    board.add(curve("sqd.pattern/1.0", "sample", 3, {{"q", q}, {"I", i}, {"net", net}}));
    board.add(curve("sqd.gr/1.0", "sample", 3, {{"q", q}, {"S", i}}));
    board.add(curve("sqd.sq/1.0", "sample", 3, {{"q", q}, {"S", {7, 8, 9}}}));
    Read const rows = read(board.frame("I"));
    REQUIRE(rows.header["results"].size() == 2);
    CHECK(rows.header["results"][1]["result"] == 3);
    CHECK(rows.header["results"][1]["used"] == 30);
    CHECK(rows.q == std::vector<float>{0.1F, 0.2F, 0.3F});
    CHECK(std::vector(rows.rows.begin(), rows.rows.begin() + 4) == std::vector<float>{1, 2, 3, 0.5F});
    CHECK(std::isnan(rows.rows[4]));
    CHECK(rows.rows[5] == 1.1F);
    CHECK(read(board.frame("S")).rows == std::vector<float>{7, 8, 9});
    CHECK_FALSE(board.frame("G"));
}

TEST_CASE("what is no whole curve is no row") {
    RowBoard board;
    board.add({"i/x/", Json::object(), {}});
    board.add(curve("sqd.sq/1.0", "sample", 1, {}));
    board.add(curve("sqd.sq/1.0", "sample", 1, {{"q", {1, 2}}}));
    board.add(curve("sqd.sq/1.0", "sample", 1, {{"q", {1, 2}}, {"S", {1}}}));
    board.add(curve("sqd.sq/1.0", "sample", 1, {{"q", {}}, {"S", {}}}));
    CHECK(read(board.frame("S")).header["results"].empty());
}

TEST_CASE("the newest rows stay, thinned to their columns; another axis begins anew") {
    RowBoard board;
    constexpr std::size_t points = 1234;
    for (std::uint64_t result = 1; result <= RowBoard::most_rows + 7; ++result)
        board.add(curve("sqd.sq/1.0", "sample", result, {{"q", counted(points)}, {"S", counted(points, static_cast<double>(result))}}));
    Read rows = read(board.frame("S"));
    REQUIRE(rows.header["results"].size() == RowBoard::most_rows);
    REQUIRE(rows.q.size() == RowBoard::most_columns);
    CHECK(rows.header["results"][0]["result"] == 8);
    CHECK(rows.q.front() == 0);
    for (std::size_t c = 1; c < rows.q.size(); ++c) {
        float const step = rows.q[c] - rows.q[c - 1];
        CHECK((step == 2 || step == 3)); // 1234 points in 500 columns
    }
    for (std::size_t c = 0; c < rows.q.size(); ++c) CHECK(rows.rows[c] == rows.q[c] + 8); // a value stays with its q
    board.add(curve("sqd.sq/1.0", "sample", 400, {{"q", counted(points, 1)}, {"S", counted(points)}}));
    rows = read(board.frame("S"));
    CHECK(rows.header["results"].size() == 1);
    CHECK(rows.q.front() == 1);
}

TEST_CASE("the log is remembered within its bounds of lines, of bytes, and of a line") {
    LogMemory memory;
    for (std::size_t i = 1; i <= LogMemory::most_lines + 5; ++i) memory.put(0, "info", "line " + std::to_string(i));
    REQUIRE(memory.lines().size() == LogMemory::most_lines);
    CHECK(memory.lines().front()->number == 6);
    CHECK(memory.lines().back()->text == "line " + std::to_string(LogMemory::most_lines + 5));
    for (int i = 0; i < 1000; ++i) memory.put(0, "info", std::string(5000, 'x'));
    std::size_t bytes = 0;
    for (auto const& line : memory.lines()) {
        CHECK(line->text.size() == LogMemory::longest_line);
        bytes += line->text.size();
    }
    CHECK(bytes <= LogMemory::most_bytes);
    CHECK(bytes > LogMemory::most_bytes - 2 * LogMemory::longest_line);
}

TEST_CASE("what the log lets through is remembered, from info on, printable; what it leaves out is not") {
    auto const memory = std::make_shared<LogMemory>();
    {
        LimitedSink sink(std::make_shared<spdlog::sinks::null_sink_mt>(), {.burst = 2, .per_s = 0.001}, memory);
        auto const log = [&sink](spdlog::level::level_enum level, std::string const& text) {
            sink.log(spdlog::details::log_msg(spdlog::log_clock::time_point(std::chrono::seconds(100)), {}, "test", level, text));
        };
        log(spdlog::level::debug, "a detail");
        log(spdlog::level::info, "series 1 started");
        for (int i = 0; i < 5; ++i) log(spdlog::level::warn, "bad name 'a\nb'");
    }
    auto const lines = memory->lines();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0]->text == "series 1 started");
    CHECK(lines[0]->level == "info");
    CHECK(lines[0]->utc_ns == 100'000'000'000);
    CHECK(lines[1]->text == "bad name 'a?b'");
    CHECK(lines[1]->level == "warning");
    CHECK(lines[3]->text.starts_with("3 lines left out like: "));
}

TEST_CASE("log and rows are served, as they are there") {
    LogMemory memory;
    memory.put(1'000'000'000, "warning", "disk: full");
    RowBoard board;
    auto const answer = [](WebSources sources, std::string const& target) {
        sources.facts = [] {
            WebFacts facts;
            facts.epoch = "e1";
            return facts;
        };
        return WebPages(WebGuard("127.0.0.1"), std::move(sources))({"GET", target, "localhost", {}});
    };
    WebSources const sources{
        .facts = {}, .log = [&] { return memory.lines(); }, .rows = [&](std::string const& of) { return board.frame(of); }};
    Json const log = Json::parse(answer(sources, "/api/v1/log").body);
    CHECK(log["epoch"] == "e1");
    CHECK(log["lines"] == Json{{{"number", 1}, {"time", "1970-01-01T00:00:01.000Z"}, {"level", "warning"}, {"text", "disk: full"}}});
    CHECK(answer(sources, "/api/v1/rows/I").status == 200);
    CHECK(answer(sources, "/api/v1/rows/I").content_type == "application/octet-stream");
    CHECK(answer(sources, "/api/v1/rows/net").status == 404);
    CHECK(answer({}, "/api/v1/log").status == 404);
    CHECK(answer({}, "/api/v1/rows/I").status == 404);
}
