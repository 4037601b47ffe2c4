// What a start leaves for the next one: checkpoints that take turns, backgrounds, the dark; and what a failing disk does.
#include "daemon/run/scan_keeper.hpp"

#include "daemon/journal/kept_scan_codec.hpp"
#include "tests/support/series_bench.hpp"
#include "tests/support/temporary_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

using namespace sqd;
using namespace sqd::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> text_bytes(std::string const& text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> content_of(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string const text((std::istreambuf_iterator<char>(file)), {});
    return text_bytes(text);
}

void put(fs::path const& path, std::span<std::byte const> bytes) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

struct KeeperBench {
    TemporaryDirectory directory;
    FakeClock clock;
    AlarmBoard alarms;
    Counters counters;

    KeeperSurroundings with(std::string conditions = "so") {
        return {.directory = directory.path(),
                .version = "0",
                .conditions = std::move(conditions),
                .checkpoint_s = 10,
                .alarms = alarms,
                .counters = counters,
                .clock = clock};
    }
    void wait_checkpoints(std::uint64_t count) const {
        while (counters.checkpoints < count) std::this_thread::yield();
    }
    void wait_alarm(bool raised) const {
        auto const active = [this] { return std::ranges::any_of(alarms.current(), &Alarm::active); };
        while (active() != raised) std::this_thread::yield();
    }
};

SeriesState named(std::string const& uid) {
    SeriesState state;
    state.opening.scan.uid = uid;
    return state;
}

std::string newest(ScanKeeper const& keeper) {
    auto const found = keeper.checkpoints();
    return found.empty() ? "" : read_state(found.front().bytes).state.opening.scan.uid;
}

/// Finals of a background, a dark and a sample, and what the reducer made of them.
ProcessorConfig with_dark(Split split) {
    auto config = small_config();
    config.background_use = BackgroundUse::latest;
    config.reduction.dark_use = DarkUse::latest;
    config.integration.split = split;
    config.reduction.watch = {};
    return config;
}

ReducedResult play(Bench& bench, Reducer& reducer, std::uint64_t series, std::string const& appendix, double mean) {
    bench.start(series, 5, appendix);
    std::mt19937 random(static_cast<unsigned>(series));
    for (std::uint64_t n = 0; n < 5; ++n) {
        Image<std::uint32_t> image(rows, cols);
        for (auto& pixel : image.pixels) pixel = std::poisson_distribution<std::uint32_t>(mean)(random);
        bench.image(series, n, image);
    }
    return reducer(bench.last());
}

} // namespace

TEST_CASE("a checkpoint that is torn anywhere leaves the one before it") {
    TemporaryDirectory directory;
    CheckpointFiles files(directory.path());
    CHECK(files.read().empty());
    files.write(text_bytes("one"));
    files.write(text_bytes("two"));
    auto const a = directory.path() / "checkpoint-a.sqdc", b = directory.path() / "checkpoint-b.sqdc";
    auto const old = content_of(a), newer = content_of(b);
    REQUIRE(files.read().size() == 2);
    CHECK(files.read()[0].bytes == text_bytes("two"));
    for (std::size_t length = 0; length < newer.size(); ++length) { // a kill in the middle of the next one, over the older file
        put(a, std::span(newer).first(length));
        REQUIRE(CheckpointFiles(directory.path()).read().size() == 1);
        CHECK(CheckpointFiles(directory.path()).read()[0].bytes == text_bytes("two"));
    }
    put(a, old);
    for (std::size_t at = 0; at < newer.size(); ++at) { // or any byte of it damaged
        auto damaged = newer;
        damaged[at] ^= std::byte{1};
        put(b, damaged);
        REQUIRE(CheckpointFiles(directory.path()).read().size() == 1);
        CHECK(CheckpointFiles(directory.path()).read()[0].bytes == text_bytes("one"));
    }
    CheckpointFiles again(directory.path()); // the next start writes over the one that is not whole
    again.write(text_bytes("three"));
    REQUIRE(again.read().size() == 2);
    CHECK(again.read()[0].bytes == text_bytes("three"));
    CHECK(again.read()[1].bytes == text_bytes("one"));
}

TEST_CASE("states go to disk and the next start finds the newest") {
    KeeperBench bench;
    {
        ScanKeeper keeper(bench.with());
        for (std::uint64_t n = 1; n <= 3; ++n) {
            keeper.checkpoint(named("scan " + std::to_string(n)));
            bench.wait_checkpoints(n);
        }
    }
    CHECK(newest(ScanKeeper(bench.with())) == "scan 3");
    CHECK(bench.alarms.current().empty());
}

TEST_CASE("a disk that fails is an alarm, and the next checkpoint that goes well ends it") {
    KeeperBench bench;
    ScanKeeper keeper(bench.with());
    keeper.checkpoint(named("first"));
    bench.wait_checkpoints(1);
    fs::remove_all(bench.directory.path());
    keeper.checkpoint(named("second"));
    bench.wait_alarm(true);
    CHECK(bench.alarms.current()[0].name == "checkpoint");
    CHECK(bench.counters.checkpoints == 1);
    fs::create_directories(bench.directory.path());
    keeper.checkpoint(named("third"));
    bench.wait_checkpoints(2);
    bench.wait_alarm(false);
    CHECK(newest(keeper) == "third");
}

TEST_CASE("background and dark of before a restart are subtracted after it: the same bits") {
    for (Split const split : {Split::none, Split::full}) {
        KeeperBench bench;
        Bench series(with_dark(split));
        Reducer first({"small", {}}, series.clock);
        play(series, first, 1, R"({"role":"dark"})", 0.2);
        play(series, first, 2, R"({"role":"background","name":"air"})", 3);
        REQUIRE(first.dark());
        {
            ScanKeeper keeper(bench.with());
            keeper.keep(*first.dark());
            keeper.keep(*first.latest_background());
        }
        auto const truth = play(series, first, 3, R"({"role":"sample","sample":{"transmission":0.5}})", 30);
        auto const job = series.last();

        ScanKeeper keeper(bench.with());
        auto kept = keeper.take_kept();
        REQUIRE(kept.backgrounds.size() == 1);
        REQUIRE(kept.dark);
        Reducer second({"small", {}}, series.clock);
        second.restore(kept.backgrounds[0]);
        second.restore(*kept.dark);
        auto const again = second(job);
        REQUIRE(truth.curves.net);
        REQUIRE(again.curves.net);
        CHECK(again.curves.net->intensity == truth.curves.net->intensity);
        CHECK(again.curves.net->sigma == truth.curves.net->sigma);
        CHECK(again.curves.net->dark_sigma == truth.curves.net->dark_sigma);
        CHECK(again.curves.background->intensity == truth.curves.background->intensity);
        CHECK(again.provenance.background_uid == truth.provenance.background_uid);
        CHECK(again.provenance.corrections == truth.provenance.corrections);
        CHECK(again.curves.flags == truth.curves.flags);
        CHECK(background_bytes(kept.backgrounds[0], "so") == background_bytes(*first.latest_background(), "so"));
        CHECK(dark_bytes(*kept.dark, "so") == dark_bytes(*first.dark(), "so"));
    }
}

TEST_CASE("backgrounds are known by their names, the latest by its time; one of an earlier name is replaced") {
    KeeperBench bench;
    Bench series(with_dark(Split::none));
    Reducer reducer({"small", {}}, series.clock);
    {
        ScanKeeper keeper(bench.with());
        for (std::uint64_t n = 1; n <= 3; ++n) {
            play(series, reducer, n, n == 2 ? R"({"role":"background","name":"b"})" : R"({"role":"background","name":"a"})", 3);
            keeper.keep(*reducer.latest_background());
        }
    }
    auto const kept = ScanKeeper(bench.with()).take_kept();
    REQUIRE(kept.backgrounds.size() == 2);
    CHECK(kept.backgrounds[0].id == "b");
    CHECK(kept.backgrounds[1].id == "a");
    CHECK(kept.backgrounds[1].uid == reducer.latest_background()->uid);
    auto const others = ScanKeeper(bench.with("another geometry")).take_kept();
    CHECK(others.backgrounds.empty());
    CHECK(others.of_other_conditions == 2);
}

TEST_CASE("a background that is forgotten leaves the disk") {
    KeeperBench bench;
    Bench series(with_dark(Split::none));
    Reducer reducer({"small", {}}, series.clock);
    {
        ScanKeeper keeper(bench.with());
        for (std::uint64_t n = 1; n <= 3; ++n) {
            play(series, reducer, n, R"({"role":"background","name":")" + std::string(1, static_cast<char>('a' + n)) + "\"}", 3);
            keeper.keep(*reducer.latest_background(), n < 3 ? std::vector<std::string>{} : std::vector<std::string>{"c", "never there"});
        }
    }
    auto const kept = ScanKeeper(bench.with()).take_kept();
    REQUIRE(kept.backgrounds.size() == 2);
    CHECK(kept.backgrounds[0].id == "b");
    CHECK(kept.backgrounds[1].id == "d");
    CHECK(kept.damaged == 0);
}

TEST_CASE("a kept scan that is damaged is none, and nothing else suffers") {
    KeeperBench bench;
    Bench series(with_dark(Split::full));
    Reducer reducer({"small", {}}, series.clock);
    play(series, reducer, 1, R"({"role":"dark"})", 0.2);
    play(series, reducer, 2, R"({"role":"background","name":"air"})", 3);
    {
        ScanKeeper keeper(bench.with());
        keeper.keep(*reducer.dark());
        keeper.keep(*reducer.latest_background());
    }
    auto damaged = content_of(bench.directory.path() / "dark.sqdk");
    damaged[damaged.size() / 2] ^= std::byte{8};
    put(bench.directory.path() / "dark.sqdk", damaged);
    auto const kept = ScanKeeper(bench.with()).take_kept();
    CHECK_FALSE(kept.dark);
    CHECK(kept.damaged == 1);
    CHECK(kept.backgrounds.size() == 1);
    for (bool const dark : {true, false}) { // behind the checksum, too, nothing is believed
        auto const whole = dark ? dark_bytes(*reducer.dark(), "so") : background_bytes(*reducer.latest_background(), "so");
        for (std::size_t length = 0; length < whole.size(); length += 1 + length / 30) {
            auto const cut = std::span(whole).first(length);
            if (dark)
                CHECK_THROWS_AS(read_dark(cut, "so"), DataError);
            else
                CHECK_THROWS_AS(read_background(cut, "so"), DataError);
        }
        std::mt19937 random(4);
        for (int i = 0; i < 500; ++i) {
            auto changed = whole;
            changed[random() % std::min<std::size_t>(whole.size(), 2000)] = static_cast<std::byte>(random());
            try {
                if (dark)
                    read_dark(changed, "so");
                else
                    read_background(changed, "so");
            } catch (DataError const&) {
            }
        }
    }
}
