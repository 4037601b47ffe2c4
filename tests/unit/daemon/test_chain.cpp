// The chain's threads together: orders of control against what is queued, backgrounds chosen while it runs, the age of the queue.
#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/chain.hpp"
#include "daemon/run/lag_alarm.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_frame.hpp"
#include "tests/support/source_root.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr std::size_t side = 256;

Config simulated(std::filesystem::path const& directory) {
    Config config = load_config((source_root() / "config" / "simulated.yaml").string(), read_mask_image, read_number_image);
    config.service.archive_directory = directory.string();
    return config;
}

/// A chain, and the results that came out of it.
class ChainBench {
public:
    ChainBench() : config_(simulated(directory_.path())) {}

    Chain& chain() { return chain_; }
    BackgroundBoard& backgrounds() { return backgrounds_; }

    void start(std::uint64_t series, std::uint64_t images) {
        SeriesStart header;
        header.series = {series, ""};
        header.rows = header.cols = side;
        header.images_expected = images;
        chain_.gate().take(header);
    }
    void frame(std::uint64_t series, std::uint64_t number) {
        Frame frame = memory_frame(Image<std::uint32_t>(side, side, 3), number);
        frame.series = {series, ""};
        chain_.gate().take(std::move(frame));
    }
    /// Waits for the result of that series which is no partial.
    std::shared_ptr<ReducedResult const> final_of(std::uint64_t series) {
        std::unique_lock lock(mutex_);
        std::shared_ptr<ReducedResult const> found;
        news_.wait(lock, [&] {
            for (auto const& result : results_)
                if (result->scan.series_id == series && result->state != ResultState::partial) found = result;
            return found || chain_.failed();
        });
        return found;
    }

private:
    TemporaryDirectory directory_;
    Config config_;
    SystemClock clock_;
    Counters counters_;
    AlarmBoard alarms_;
    AnnouncementBoard announcements_;
    ReferenceBoard references_;
    BackgroundBoard backgrounds_{{}};
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<std::shared_ptr<ReducedResult const>> results_;
    Chain chain_{{config_, clock_, counters_, alarms_, announcements_, references_, backgrounds_},
                 {.workers = 1, .pixel_sha256_file = ""},
                 {.result =
                      [this](std::shared_ptr<ReducedResult> result) {
                          std::lock_guard lock(mutex_);
                          results_.push_back(std::move(result));
                          news_.notify_all();
                      },
                  .no_result = {},
                  .notice = {},
                  .progress = {},
                  .alive = {}}};
};

} // namespace

TEST_CASE("what was queued when an order was given is worked off before it, what comes later is not") {
    ChainBench bench;
    bench.start(1, 1000);
    for (std::uint64_t i = 0; i < 40; ++i) bench.frame(1, i);
    CHECK(bench.chain().order({ScanOrder::What::end}) == Obeyed::later); // nothing works yet: given, and not obeyed
    for (std::uint64_t i = 40; i < 50; ++i) bench.frame(1, i);
    bench.chain().start();
    auto const result = bench.final_of(1);
    REQUIRE(result);
    CHECK(result->state == ResultState::final);
    CHECK(result->frames.used == 40);
    CHECK(bench.chain().order({ScanOrder::What::reset}) == Obeyed::durable); // now it is
}

TEST_CASE("a finished background is listed, and subtracted only if it is chosen") {
    ChainBench bench;
    bench.chain().start();
    ScanAnnouncement said;
    said.role = Role::background;
    said.name = "air";
    CHECK(bench.chain().order({ScanOrder::What::begin, {"air-uid", said}}) == Obeyed::durable);
    bench.start(1, 4);
    for (std::uint64_t i = 0; i < 4; ++i) bench.frame(1, i);
    CHECK(bench.chain().order({ScanOrder::What::end}) == Obeyed::durable);
    REQUIRE(bench.final_of(1)->scan.uid == "air-uid");
    REQUIRE(bench.backgrounds().list().size() == 1);
    auto const background_of = [&](std::uint64_t series) {
        bench.start(series, 4);
        for (std::uint64_t i = 0; i < 4; ++i) bench.frame(series, i);
        return bench.final_of(series)->provenance.background_uid;
    };
    CHECK(background_of(2) == "air-uid");
    bench.backgrounds().choose(BackgroundChoice{BackgroundUse::none, ""});
    CHECK(background_of(3).empty());
    CHECK(bench.backgrounds().choose_finished("air-uid"));
    CHECK(background_of(4) == "air-uid");
}

TEST_CASE("a queue whose events are older than five seconds is an alarm, until they are below one") {
    FakeClock clock;
    AlarmBoard alarms;
    LagAlarm lag(alarms, clock);
    auto const wait = [&](double seconds, std::uint64_t pushed, std::uint64_t popped) {
        clock.advance(seconds);
        return lag(pushed, popped);
    };
    lag(0, 0);
    CHECK(wait(0.02, 10, 0) == 0); // the mark
    CHECK(wait(4, 20, 5) == doctest::Approx(4));
    CHECK(alarms.current().empty());
    CHECK(wait(2, 30, 6) == doctest::Approx(6));
    REQUIRE(alarms.current().size() == 1);
    CHECK(alarms.current().front().name == "lag");
    CHECK(alarms.current().front().message.starts_with("what is reduced now came 6.0 s ago"));
    wait(1, 40, 30); // the mark went through after 7 s
    wait(2, 50, 41); // the next took 2 s
    CHECK(alarms.current().front().active);
    wait(0.5, 60, 50);
    wait(0.02, 60, 60);
    CHECK_FALSE(alarms.current().front().active);
}
