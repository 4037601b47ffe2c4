// Somebody sets the machine's clock by an hour: the service's own loops and watches go by steady time.
#include "daemon/run/lag_alarm.hpp"
#include "daemon/run/result_latencies.hpp"
#include "daemon/run/service.hpp"
#include "daemon/security/access.hpp"
#include "tests/support/control_bench.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>

#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr double hour_s = 3600;

ServiceConfig any_ports() {
    ServiceConfig config;
    config.results_bind = config.control_bind = "tcp://127.0.0.1:0";
    return config;
}

std::uint64_t counted(LatencyHistogram const& histogram) {
    auto const counts = histogram.counts();
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

} // namespace

TEST_CASE("heartbeats go on, one a steady second, whatever the time of day is set to") {
    ControlBench bench;
    zmq::context_t context;
    auto const config = any_ports();
    Access access(context, config.security, bench.alarms, bench.counters, bench.clock);
    Service service(context, config, client_bounds({}), access, {"id13", "epoch"}, bench.alarms, bench.clock, bench.counters);
    std::mutex mutex;
    std::condition_variable news;
    std::size_t beats = 0;
    service.tell_beats([&](Json const& body) {
        CHECK(body.at("alarm") == false);
        std::lock_guard const lock(mutex);
        ++beats;
        news.notify_all();
    });
    std::jthread const serving([&](std::stop_token const& stop) { service.run(stop, bench.control); });
    std::size_t wanted = 1;
    for (double const jump : {0.0, hour_s, -hour_s, -hour_s, hour_s}) {
        bench.clock.set_by(jump);
        std::unique_lock lock(mutex);
        news.wait(lock, [&] { return beats == wanted; }); // the one that is due comes
        CHECK_FALSE(news.wait_for(lock, std::chrono::milliseconds(1), [&] { return beats > wanted; }));
        ++wanted;
        bench.clock.advance(1);
    }
}

TEST_CASE("no lag is made of a clock that is set while events wait") {
    for (double const jump : {-hour_s, hour_s}) {
        FakeClock clock;
        AlarmBoard alarms;
        LagAlarm lag(alarms, clock);
        for (std::uint64_t i = 0; i < 100; ++i) {
            if (i == 50) clock.set_by(jump);
            CHECK(lag(i + 5, i) < 0.2);
            clock.advance(0.02);
        }
        CHECK(alarms.current().empty());
    }
}

TEST_CASE("a latency that a set clock made up is not counted") {
    ResultLatencies latencies;
    ReducedResult result;
    result.state = ResultState::final;
    result.time.last_frame_ns = 1'000'000'000;
    latencies.add(result, 1'010'000'000);
    CHECK(counted(latencies.final) == 1);
    result.curves.flags = {"clock_set"};
    latencies.add(result, 3'600'000'000'000);
    CHECK(counted(latencies.final) == 1);
    CHECK(latencies.final.sum_s() == doctest::Approx(0.01));
}
