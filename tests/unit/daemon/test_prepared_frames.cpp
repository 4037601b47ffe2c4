// Frames that are prepared and repeated: which are drawn, which are shown, and that every protocol shows them under new numbers.
#include "daemon/simulate/prepared_frames.hpp"
#include "daemon/simulate/series_messages.hpp"
#include "detectors/decoder.hpp"
#include "detectors/registry.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;

namespace {

PlannedScan map_of(std::uint64_t rows, std::uint64_t cols) {
    return plan_scans({{Role::sample, rows * cols}}, MapGrid{rows, cols, {}, false}, "glass", 7).at(0);
}

Station small_station() {
    Station station;
    station.geometry.rows = 23;
    station.geometry.cols = 37;
    station.geometry.pixel1_m = station.geometry.pixel2_m = 172e-6;
    station.geometry.distance_m = 0.1;
    station.beam = {13.0, 9.0, 0.97, "Si", 450};
    station.description = "small";
    station.pixel_mask.assign(23 * 37, 0);
    return station;
}

std::shared_ptr<Samplers const> samplers() {
    Image<double> bright(23, 37), dim(23, 37);
    for (std::size_t i = 0; i < bright.size(); ++i) {
        bright.pixels[i] = 2 + 0.01 * static_cast<double>(i);
        dim.pixels[i] = 0.5;
    }
    return std::make_shared<Samplers const>(Samplers{PoissonSampler(bright), PoissonSampler(dim)});
}

DrawnFrames drawn_alone(PlannedScan const& scan, std::uint64_t prepared) {
    return drawn_frames({scan}, {""}, prepared).at(0);
}

Dressing dressed(double exposure_s, std::string const& dialect, DrawnFrames drawn = {}) {
    return {exposure_s, exposure_s, 3, spoken({}, dialect), true, std::move(drawn), std::make_shared<PackedFrames>()};
}

struct Seen {
    std::uint64_t number;
    std::vector<std::uint32_t> pixels;
    bool operator==(Seen const&) const = default;
};

Seen seen(Decoder& decoder, SharedMessage const& message) {
    auto const frame = std::get<Frame>(decoder.decode(test::received(copied(message))).value());
    return {frame.number, test::pixels_of(*frame.tiles, frame.rows * frame.cols)};
}

} // namespace

TEST_CASE("of a map the first frames on the sample and off it are drawn, and shown in turn within their kind") {
    auto const scan = map_of(10, 20);
    auto const drawn = drawn_alone(scan, 3);
    REQUIRE(drawn.on_sample.size() == 3);
    REQUIRE(drawn.off_sample.size() == 3);
    CHECK(drawn.off_sample[0] == DrawnFrame{7, 0}); // every line begins beside the ribbon
    auto const shown = shown_frames(scan, drawn);
    REQUIRE(shown.size() == 200);
    std::size_t on = 0, off = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        CHECK(scan.on_sample[shown[i].frame] == scan.on_sample[i]);
        CHECK(shown[i] == (scan.on_sample[i] ? drawn.on_sample[on++ % 3] : drawn.off_sample[off++ % 3]));
    }
}

TEST_CASE("a series no longer than what is prepared shows every frame as its own") {
    auto const scan = map_of(3, 10);
    auto const shown = shown_frames(scan, drawn_alone(scan, 1000));
    for (std::size_t i = 0; i < shown.size(); ++i) CHECK(shown[i] == DrawnFrame{7, i});
}

TEST_CASE("what is drawn does not grow with the number of series, and each series shows frames of its role and dialect alone") {
    auto const scans = plan_scans({{Role::sample, 2},
                                   {Role::background, 9},
                                   {Role::sample, 9},
                                   {Role::sample, 30},
                                   {Role::background, 3},
                                   {Role::sample, 30},
                                   {Role::sample, 40}},
                                  MapGrid{5, 6, {}, false}, "glass", 1);
    std::vector<std::string> dialects(scans.size(), "a");
    dialects.back() = "b";
    auto const drawn = drawn_frames(scans, dialects, 4);
    REQUIRE(drawn.size() == scans.size());
    CHECK(drawn[0].on_sample == std::vector<DrawnFrame>{{1, 0}, {1, 1}});
    CHECK(drawn[1].off_sample == std::vector<DrawnFrame>{{2, 0}, {2, 1}, {2, 2}, {2, 3}});
    CHECK(drawn[2].on_sample == std::vector<DrawnFrame>{{1, 0}, {1, 1}, {3, 2}, {3, 3}}); // what the first was too short for
    CHECK(drawn[3].on_sample == drawn[2].on_sample);
    REQUIRE(drawn[3].off_sample.size() == 4); // beside the sample: not those of the background
    for (auto const& each : drawn[3].off_sample) CHECK(each.series == 4);
    CHECK(drawn[4].off_sample == std::vector<DrawnFrame>{{2, 0}, {2, 1}, {2, 2}});
    CHECK(own_frames(scans[4], drawn[4]).empty());
    CHECK(own_frames(scans[5], drawn[5]).empty());
    CHECK(drawn[6].on_sample == std::vector<DrawnFrame>{{7, 0}, {7, 1}, {7, 2}, {7, 3}}); // another dialect, other bytes
    for (auto const& each : drawn_frames(scans, dialects, 0)) CHECK(each.empty());
}

TEST_CASE("payloads are packed once per drawn frame, before the series, for all series") {
    auto const scans = plan_scans({{Role::sample, 200}, {Role::sample, 200}}, MapGrid{10, 20, {}, false}, "glass", 7);
    auto const drawn = drawn_frames(scans, {"", ""}, 4);
    auto const kept = std::make_shared<PackedFrames>();
    std::atomic<int> packed{0};
    auto const pack = [&](std::uint64_t i) {
        ++packed;
        return shared({part_of(std::to_string(i))});
    };
    auto const first = prepare(pack, scans[0], drawn[0], kept), second = prepare(pack, scans[1], drawn[1], kept);
    CHECK(packed == 8);
    auto const shown = shown_frames(scans[0], drawn[0]);
    for (std::uint64_t i = 0; i < 200; ++i) {
        CHECK(*first(i).front() == part_of(std::to_string(shown[i].frame)));
        CHECK(first(i).front() == second(i).front()); // the same bytes, not a copy
    }
    prepare(pack, scans[0], drawn[0], kept);
    CHECK(packed == 8);
    CHECK(kept->size() == 8);
}

TEST_CASE("every protocol shows the counts of drawn frames under numbers of their own") {
    auto const station = small_station();
    auto const scan = map_of(4, 10);
    auto const drawn = drawn_alone(scan, 3);
    auto const shown = shown_frames(scan, drawn);
    struct Row {
        char const *kind, *dialect;
    };
    for (auto const& row : {Row{"dectris_stream1", "bslz4"}, Row{"dectris_stream1", "lz4,16bit"}, Row{"dectris_stream1", "none,8bit"},
                            Row{"dectris_stream2", "bslz4"}, Row{"dectris_stream2", "lz4"}, Row{"pilatus_stream", "cbf"},
                            Row{"pilatus_stream", "raw"}, Row{"array_stream", "raw,16bit"}}) {
        CAPTURE(row.kind);
        CAPTURE(row.dialect);
        auto const fresh = find_protocol(row.kind).series(station, scan, samplers(), dressed(0.02, row.dialect));
        auto const repeated = find_protocol(row.kind).series(station, scan, samplers(), dressed(0.02, row.dialect, drawn));
        CHECK(repeated.prepared);
        CHECK_FALSE(fresh.prepared);
        CHECK(repeated.frames == fresh.frames);
        auto const decoder = make_decoder(row.kind, {{}, "", 23, 37});
        for (std::uint64_t i = 0; i < scan.frames; ++i) {
            auto wanted = seen(*decoder, fresh.frame(shown[i].frame));
            wanted.number = i;
            CHECK(seen(*decoder, repeated.frame(i)) == wanted);
        }
    }
}

TEST_CASE("files are repeated under new names") {
    auto const station = small_station();
    auto const scan = map_of(4, 10);
    auto const drawn = drawn_alone(scan, 3);
    auto const shown = shown_frames(scan, drawn);
    auto const fresh = cbf_files_series(station, scan, samplers(), dressed(1, "cbf"));
    auto const repeated = cbf_files_series(station, scan, samplers(), dressed(1, "cbf", drawn));
    auto const body = [](Part const& file) { // after the header, which has the date
        std::string const text(reinterpret_cast<char const*>(file.data()), file.size());
        return text.substr(text.find("\x0c\x1a\x04\xd5"));
    };
    for (std::uint64_t i = 0; i < scan.frames; ++i) {
        CHECK(*repeated.frame(i)[0] == part_of("glass_000" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".cbf"));
        CHECK(body(*repeated.frame(i)[1]) == body(*fresh.frame(shown[i].frame)[1]));
    }
}
