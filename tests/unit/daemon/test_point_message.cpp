// The curve of a point of a map as it is asked for: which point, of what, and what is kept for how long.
#include "daemon/publish/point_message.hpp"
#include "daemon/run/point_board.hpp"
#include "daemon/web/point_page.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

using namespace sqd;

namespace {

constexpr std::size_t bins = 3;

/// A map of 2 x 3 that snakes; its frames 0 and 1 are one point, 4 is one that is left out.
MapPoints a_map(std::string const& uid, ResultState state = ResultState::partial) {
    auto map = std::make_shared<BinMap>();
    map->axis = Axis::uniform(1, 4, bins);
    map->q_invA = map->axis.centres();
    map->bin_norm = {2, 4, 8};
    map->bin_pixels = {2, 4, 8};
    auto window = std::make_shared<FrameCounts>();
    window->number = 0;
    window->exposure_s = 0.2;
    window->counts = {10, 20, 30};
    window->joined = {{0, 0.1, 1, 0}, {1, 0.1, 1, 0}};
    auto single = std::make_shared<FrameCounts>();
    single->number = 4;
    single->exposure_s = 0.1;
    single->counts = {4, 0, 16};
    MapPoints out;
    out.scan.uid = uid;
    out.scan.grid = MapGrid{2, 3, {}, true};
    out.result = 7;
    out.state = state;
    out.counts = {map, {window, single}};
    out.rejected = {{4, "off_sample"}};
    return out;
}

std::vector<double> array(WireMessage const& message, std::string const& name) {
    for (std::size_t i = 0; i < message.arrays.size(); ++i) {
        if (message.header["arrays"][i]["name"] != name) continue;
        std::vector<double> out(bins);
        REQUIRE(message.arrays[i].size() == bins * sizeof(double));
        std::memcpy(out.data(), message.arrays[i].data(), message.arrays[i].size());
        return out;
    }
    return {};
}

} // namespace

TEST_CASE("a point is found at all places of its frames, with counts over norm") {
    auto const map = a_map("u");
    for (std::uint64_t const place : {0U, 1U}) {
        auto const message = point_message(map, place, {"id13", "epoch"});
        REQUIRE(message);
        CHECK(message->topic == "id13/point/");
        CHECK(message->header["schema"] == "sqd.point/1.0");
        CHECK_FALSE(message->header.contains("seq"));
        CHECK(message->header["values"]["column"] == place);
        CHECK(message->header["values"]["frames"] == 2);
        CHECK(message->header["flags"].empty());
        auto const intensity = array(*message, "I"), sigma = array(*message, "I_sigma");
        for (std::size_t b = 0; b < bins; ++b) {
            double const counts = map.counts.frames[0]->counts[b], norm = map.counts.bins->bin_norm[b] * 0.2;
            CHECK(intensity[b] == doctest::Approx(counts / norm).epsilon(1e-14));
            CHECK(sigma[b] == doctest::Approx(std::sqrt(counts) / norm).epsilon(1e-14));
        }
        CHECK(array(*message, "net").empty());
    }
    auto const snaked = point_message(map, 4, {"id13", "epoch"}); // the middle of the second row is its frame 4 both ways
    REQUIRE(snaked);
    CHECK(snaked->header["values"]["row"] == 1);
    CHECK(snaked->header["flags"] == Json{"off_sample"});
    for (std::uint64_t const place : {2U, 3U, 5U, 6U, 1000U}) CHECK_FALSE(point_message(map, place, {"id13", "epoch"}));
}

TEST_CASE("less the background that its mean had, so many times; with a dark there is none") {
    auto map = a_map("u");
    auto const bare = point_message(map, 4, {"id13", "epoch"});
    ReductionJob job;
    job.counts = map.counts;
    ReducedResult result;
    result.scan = map.scan;
    result.curves.background_scale = 0.5;
    result.curves.background = Pattern1D{};
    Pattern1D& air = *result.curves.background;
    air.radial = air.q_invA = map.counts.bins->q_invA;
    air.intensity = {3, 2, 1};
    air.sigma = {0.3, 0.2, 0.1};
    air.pixels = {2, 4, 8};
    auto const message = point_message(map_points(job, result), 4, {"id13", "epoch"});
    REQUIRE(message);
    auto const intensity = array(*bare, "I"), net = array(*message, "net"), sigma = array(*bare, "I_sigma"),
               net_sigma = array(*message, "net_sigma");
    REQUIRE(net.size() == bins);
    for (std::size_t b = 0; b < bins; ++b) {
        CHECK(net[b] == doctest::Approx(intensity[b] - 0.5 * air.intensity[b]).epsilon(1e-14));
        CHECK(net_sigma[b] == doctest::Approx(std::hypot(sigma[b], 0.5 * air.sigma[b])).epsilon(1e-14));
    }
    for (char const* correction : {"dark u9", "dead_time 100 ns"}) {
        result.provenance.corrections = {correction};
        CHECK(array(*point_message(map_points(job, result), 4, {"id13", "epoch"}), "net").empty());
    }
}

TEST_CASE("points are kept of the map that runs and of the last that is over, while that is not too large") {
    PointBoard board;
    CHECK_FALSE(board.of("a"));
    board.put(a_map("a"));
    CHECK(board.of("a")->state == ResultState::partial);
    board.put(a_map("a", ResultState::final));
    CHECK(board.of("a")->state == ResultState::final);
    board.put(a_map("b"));
    CHECK(board.of("a"));
    CHECK(board.of("b"));
    board.put(a_map("b", ResultState::aborted));
    CHECK_FALSE(board.of("a"));
    CHECK(board.of("b"));

    auto large = a_map("c", ResultState::final);
    auto frame = std::make_shared<FrameCounts>();
    frame->counts.resize(PointBoard::most_bytes / sizeof(std::uint32_t));
    large.counts.frames.push_back(frame);
    CHECK(bytes_of(large.counts.frames) > PointBoard::most_bytes);
    board.put(large);
    CHECK_FALSE(board.of("c"));
    CHECK_FALSE(board.of("b"));         // what is over is the large one
    large.state = ResultState::partial; // while it runs its counts are there anyway
    board.put(std::move(large));
    CHECK(board.of("c"));
}

TEST_CASE("over HTTP a point is a message, and what is not there is said in words") {
    auto const map = a_map("u");
    auto const page = [&](MapPoints const* points, std::string const& index) { return point_page(points, index, {"id13", "epoch"}); };
    WebReply const reply = page(&map, "4");
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "application/octet-stream");
    CHECK(reply.body.find("\"schema\":\"sqd.point/1.0\"") != std::string::npos);
    for (std::string const index : {"2", "6", "-1", "x", "4x", " 4", "", "18446744073709551616"}) {
        CAPTURE(index);
        CHECK(page(&map, index).status == 404);
        CHECK(page(&map, index).body.find("row * columns + column") != std::string::npos);
    }
    CHECK(page(nullptr, "4").status == 404);
    CHECK(page(nullptr, "4").body.find("its archive has them") != std::string::npos);
}
