// Frames that are prepared and repeated: which are drawn, which are shown, and that every protocol shows them under new numbers.
#include "daemon/simulate/prepared_frames.hpp"
#include "daemon/simulate/series_messages.hpp"
#include "detectors/decoder.hpp"
#include "detectors/registry.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <variant>

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
    auto const drawn = drawn_frames(scan, 3);
    REQUIRE(drawn.on_sample.size() == 3);
    REQUIRE(drawn.off_sample.size() == 3);
    CHECK(drawn.off_sample[0] == 0); // every line begins beside the ribbon
    auto const shown = shown_frames(scan, drawn);
    REQUIRE(shown.size() == 200);
    std::size_t on = 0, off = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        CHECK(scan.on_sample[shown[i]] == scan.on_sample[i]);
        CHECK(shown[i] == (scan.on_sample[i] ? drawn.on_sample[on++ % 3] : drawn.off_sample[off++ % 3]));
    }
}

TEST_CASE("a series no longer than what is prepared shows every frame as its own") {
    auto const scan = map_of(3, 10);
    auto const shown = shown_frames(scan, drawn_frames(scan, 1000));
    for (std::size_t i = 0; i < shown.size(); ++i) CHECK(shown[i] == i);
}

TEST_CASE("payloads are packed once per drawn frame, before the series") {
    auto const scan = map_of(10, 20);
    std::atomic<int> packed{0};
    auto const payloads = prepare(
        [&](std::uint64_t i) {
            ++packed;
            return shared({part_of(std::to_string(i))});
        },
        scan, 4);
    CHECK(packed == 8);
    auto const shown = shown_frames(scan, drawn_frames(scan, 4));
    for (std::uint64_t i = 0; i < scan.frames; ++i) CHECK(*payloads(i).front() == part_of(std::to_string(shown[i])));
    CHECK(payloads(shown[150]).front() == payloads(150).front()); // the same bytes, not a copy
    CHECK(packed == 8);
}

TEST_CASE("every protocol shows the counts of drawn frames under numbers of their own") {
    auto const station = small_station();
    auto const scan = map_of(4, 10);
    auto const shown = shown_frames(scan, drawn_frames(scan, 3));
    struct Row {
        char const *kind, *dialect;
    };
    for (auto const& row : {Row{"dectris_stream1", "bslz4"}, Row{"dectris_stream1", "lz4,16bit"}, Row{"dectris_stream1", "none,8bit"},
                            Row{"dectris_stream2", "bslz4"}, Row{"dectris_stream2", "lz4"}, Row{"pilatus_stream", "cbf"},
                            Row{"pilatus_stream", "raw"}, Row{"array_stream", "raw,16bit"}}) {
        CAPTURE(row.kind);
        CAPTURE(row.dialect);
        Dressing dressing{0.02, 0.02, 3, spoken({}, row.dialect), true, 0};
        auto const fresh = find_protocol(row.kind).series(station, scan, samplers(), dressing);
        dressing.prepared = 3;
        auto const repeated = find_protocol(row.kind).series(station, scan, samplers(), dressing);
        CHECK(repeated.prepared);
        CHECK_FALSE(fresh.prepared);
        CHECK(repeated.frames == fresh.frames);
        auto const decoder = make_decoder(row.kind, {{}, "", 23, 37});
        for (std::uint64_t i = 0; i < scan.frames; ++i) {
            auto wanted = seen(*decoder, fresh.frame(shown[i]));
            wanted.number = i;
            CHECK(seen(*decoder, repeated.frame(i)) == wanted);
        }
    }
}

TEST_CASE("files are repeated under new names") {
    auto const station = small_station();
    auto const scan = map_of(4, 10);
    auto const shown = shown_frames(scan, drawn_frames(scan, 3));
    Dressing dressing{1, 1, 3, {}, true, 0};
    auto const fresh = cbf_files_series(station, scan, samplers(), dressing);
    dressing.prepared = 3;
    auto const repeated = cbf_files_series(station, scan, samplers(), dressing);
    auto const body = [](Part const& file) { // after the header, which has the date
        std::string const text(reinterpret_cast<char const*>(file.data()), file.size());
        return text.substr(text.find("\x0c\x1a\x04\xd5"));
    };
    for (std::uint64_t i = 0; i < scan.frames; ++i) {
        CHECK(*repeated.frame(i)[0] == part_of("glass_000" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".cbf"));
        CHECK(body(*repeated.frame(i)[1]) == body(*fresh.frame(shown[i])[1]));
    }
}
