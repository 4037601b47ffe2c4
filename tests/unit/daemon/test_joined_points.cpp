// Points that stand for several frames, as they are archived and published.
#include "daemon/archive/nexus_archive.hpp"
#include "daemon/publish/result_message.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/hdf5_read.hpp"
#include "tests/support/written_archive.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <span>

using namespace sqd;
using namespace sqd::test;

namespace {

/// Two points of two frames, one of a single one, on a map of 2 x 3; the second holds more than 32 bits.
ReducedResult long_scan() {
    ReducedResult r = full_result();
    PointTable t;
    t.number = {0, 2, 5};
    t.reason = {"", "edge", ""};
    t.exposure_s = {0.2, 0.2, 0.1};
    t.monitor = {1, 1, 1};
    t.bin_counts = Image<std::uint32_t>(3, 2);
    t.bin_counts.pixels = {10, 20, 7, 1, 3, 4};
    t.bin_carries = Image<std::uint32_t>(3, 2);
    t.bin_carries.pixels = {0, 0, 0, 2, 0, 0};
    t.frames = {2, 2, 1};
    t.frame_numbers = {0, 1, 2, 3, 5};
    r.points = std::make_shared<PointTable const>(t);
    r.scan.grid = MapGrid{2, 3, {}, false};
    r.frames.per_point = 2;
    return r;
}

constexpr std::uint64_t carry = std::uint64_t{2} << 32;

} // namespace

TEST_CASE("what a point stands for is archived: its frames, their numbers, and counts in as many bits as they need") {
    auto const r = long_scan();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    std::string const points = "/entry/frames/points/";
    CHECK(file.value<std::uint64_t>("/entry/frames/per_point") == 2);
    CHECK(file.values<std::uint64_t>(points + "number") == r.points->number);
    CHECK(file.values<std::uint64_t>(points + "frames") == r.points->frames);
    CHECK(file.values<std::uint64_t>(points + "frame_numbers") == r.points->frame_numbers);
    CHECK(file.values<std::uint64_t>(points + "bin_counts") == std::vector<std::uint64_t>{10, 20, 7, carry + 1, 3, 4});
}

TEST_CASE("the file of a scan whose points are its frames says nothing of it") {
    auto const r = full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    for (std::string const name : {"/entry/frames/per_point", "/entry/frames/points/frames", "/entry/frames/points/frame_numbers"})
        CHECK_FALSE(file.has(name));
}

TEST_CASE("a published map shows a point at all places of its frames, with their mean counts") {
    Sequence sequence;
    auto const messages = result_messages(long_scan(), {"id13", "epoch"}, sequence, 0);
    auto const& map = messages.back();
    REQUIRE(map.topic == "id13/map/");
    CHECK(map.header["frames"]["per_point"] == 2);
    auto const array = [&](std::size_t i) {
        std::vector<double> out(6);
        REQUIRE(map.arrays[i].size() == sizeof(double) * out.size());
        std::memcpy(out.data(), map.arrays[i].data(), map.arrays[i].size());
        return out;
    };
    double const of_second = (8 + static_cast<double>(carry)) / 2;
    auto const counts = array(0), used = array(1);
    CHECK(std::vector<double>(counts.begin(), counts.begin() + 4) == std::vector<double>{15, 15, of_second, of_second});
    CHECK(counts[4] != counts[4]); // no frame there
    CHECK(counts[5] == 7);
    CHECK(std::vector<double>(used.begin(), used.begin() + 4) == std::vector<double>{1, 1, 0, 0});
    auto const single = result_messages(full_result(), {"id13", "epoch"}, sequence, 0);
    CHECK_FALSE(single.front().header["frames"].contains("per_point"));
}
