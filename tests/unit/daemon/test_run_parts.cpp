// The parts of the service that need no socket: the queue of jobs, the wire form, control.
#include "daemon/publish/result_message.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/job_queue.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "daemon/verbs/reduce_report.hpp"
#include "tests/support/control_bench.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_frame.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <future>
#include <limits>

using namespace sqd;
using namespace sqd::test;
using namespace std::chrono_literals;

namespace {

ReductionJob job(ResultState state, std::uint64_t number) {
    ReductionJob out;
    out.state = state;
    out.result = number;
    return out;
}

ReducedResult full_result() {
    ReducedResult out;
    out.scan.uid = "u";
    out.scan.id = "glass";
    out.state = ResultState::final;
    out.curves.pattern.q_invA = {1, 2};
    out.curves.pattern.radial = {1, 2};
    out.curves.pattern.intensity = {3, std::numeric_limits<double>::quiet_NaN()};
    out.curves.pattern.sigma = {0.1, std::numeric_limits<double>::quiet_NaN()};
    out.curves.pattern.pixels = {5, 0};
    Fsdp peak;
    peak.q1 = 2.6243;
    peak.q1_sigma_model = std::numeric_limits<double>::quiet_NaN();
    peak.q_invA = {2, 3};
    peak.data = {1, 2};
    out.curves.fsdp = peak;
    return out;
}

} // namespace

TEST_CASE("of partials only the newest waits, finals all do") {
    JobQueue queue;
    queue.push(job(ResultState::partial, 1));
    queue.push(job(ResultState::partial, 2));
    queue.push(job(ResultState::final, 3));
    queue.push(job(ResultState::partial, 4));
    queue.push(job(ResultState::aborted, 5));
    CHECK(queue.pop(0ms)->result == 3);
    CHECK(queue.pop(0ms)->result == 5);
    CHECK_FALSE(queue.pop(0ms));
    queue.close();
    CHECK(queue.drained());
}

TEST_CASE("a job finds room when another is taken, and nobody waits for a closed queue") {
    JobQueue queue;
    for (std::size_t i = 0; i < JobQueue::max_waiting; ++i) queue.push(job(ResultState::final, i));
    auto pushed = std::async(std::launch::async, [&] { queue.push(job(ResultState::final, 1000)); });
    CHECK(pushed.wait_for(50ms) == std::future_status::timeout);
    CHECK(queue.pop(0ms)->result == 0);
    REQUIRE(pushed.wait_for(10s) == std::future_status::ready);
    auto left = std::async(std::launch::async, [&] { queue.push(job(ResultState::final, 1001)); });
    queue.close();
    REQUIRE(left.wait_for(10s) == std::future_status::ready);
    std::uint64_t last = 0, popped = 0;
    while (auto waiting = queue.pop(0ms)) {
        last = waiting->result;
        ++popped;
    }
    CHECK(popped == JobQueue::max_waiting);
    CHECK(last == 1000);
}

TEST_CASE("who waits for room says so meanwhile, as long as it lasts") {
    JobQueue queue;
    for (std::size_t i = 0; i < JobQueue::max_waiting; ++i) queue.push(job(ResultState::final, i));
    std::atomic<int> said{0};
    std::promise<void> twice;
    auto pushed = std::async(std::launch::async, [&] {
        queue.push(job(ResultState::final, 1000), [&] {
            if (++said == 2) twice.set_value();
        });
    });
    REQUIRE(twice.get_future().wait_for(30s) == std::future_status::ready);
    CHECK(queue.pop(0ms)->result == 0); // also while it says so the queue serves others
    REQUIRE(pushed.wait_for(10s) == std::future_status::ready);
    int const in_all = said;
    queue.pop(0ms);
    queue.push(job(ResultState::final, 1001), [&] { ++said; });
    CHECK(said == in_all);
}

TEST_CASE("jobs that wait are bounded in bytes: a final waits for room, a partial is let go, one alone may be larger") {
    auto const large = [](ResultState state, std::uint64_t result, std::size_t bytes) {
        ReductionJob out = job(state, result);
        auto sum = std::make_shared<PixelSum>();
        sum->invalid_frames.resize(bytes / sizeof(std::uint32_t));
        out.pixel_sum = std::move(sum);
        return out;
    };
    constexpr std::size_t most = 1 << 20;
    JobQueue queue(most);
    queue.push(large(ResultState::final, 1, most + 1000));
    queue.push(large(ResultState::partial, 2, 0)); // does not wait
    ReductionJob waits = large(ResultState::final, 3, most / 2);
    auto pushed = std::async(std::launch::async, [&] { queue.push(std::move(waits)); });
    CHECK(pushed.wait_for(50ms) == std::future_status::timeout);
    CHECK(queue.pop(0ms)->result == 1);
    REQUIRE(pushed.wait_for(10s) == std::future_status::ready);
    queue.push(large(ResultState::partial, 4, most / 3));
    auto in_its_place = std::async(std::launch::async, [&] { queue.push(large(ResultState::final, 5, most / 3)); });
    CHECK(in_its_place.wait_for(10s) == std::future_status::ready);
    CHECK(queue.pop(0ms)->result == 3);
    auto const last = queue.pop(0ms);
    REQUIRE(last);
    CHECK(last->result == 5);
    CHECK_FALSE(queue.pop(0ms));
    queue.close();
}

TEST_CASE("what a client may make us parse, echo and remember is bounded") {
    ControlBench control;
    auto const code = [&](std::string const& text) { return code_of(control(text)); };
    auto const ping = [](std::string const& key, std::size_t length) {
        return R"({"command":"ping",")" + key + R"(":")" + std::string(length, 'x') + "\"}";
    };
    CHECK(code(std::string(400'000, '[')) == "bad_request");
    CHECK(code(R"({"command":"ping","id":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}") == "bad_request");
    CHECK(code(ping("id", 254)) == "ok"); // with its two quotes 256
    CHECK(code(ping("id", 255)) == "bad_request");
    CHECK(code(ping("request", 64)) == "ok");
    CHECK(code(ping("request", 65)) == "bad_request");
    Json const unknown = control(R"({"command":")" + std::string(1000, 'x') + "\"}");
    CHECK(unknown.at("error").at("code") == "unknown_command");
    CHECK(unknown.at("error").at("message").get<std::string>().size() < 128);
}

TEST_CASE("JSON never holds NaN; arrays do, as they lie in memory") {
    Sequence sequence;
    auto const messages = result_messages(full_result(), {"id13", "epoch"}, sequence, 0);
    REQUIRE(messages.size() == 2);
    for (WireMessage const& message : messages) {
        CHECK(to_text(message.header).find("NaN") == std::string::npos);
        CHECK(message.header.at("arrays").size() == message.arrays.size());
        CHECK(message.header.at("seq") == 1);
    }
    for (WireMessage const& message : messages) CHECK(message.header.at("kinds") == Json::array({"pattern", "fsdp"}));
    CHECK(messages[0].topic == "id13/pattern/");
    CHECK(messages[1].topic == "id13/fsdp/");
    CHECK(messages[1].header.at("values").contains("q1"));
    CHECK_FALSE(messages[1].header.at("values").contains("q1_sigma_model"));
    CHECK(messages[1].header.at("units").at("q1") == "1/angstrom");
    double intensity[2];
    REQUIRE(messages[0].arrays[1].size() == sizeof intensity);
    std::memcpy(intensity, messages[0].arrays[1].data(), sizeof intensity);
    CHECK(intensity[0] == 3);
    CHECK(std::isnan(intensity[1]));
}

TEST_CASE("a cake is a message of its own, of images with a row per azimuth") {
    ReducedResult result = full_result();
    auto cake = std::make_shared<Cake>();
    cake->unit = RadialUnit::two_theta_deg;
    cake->radial = Axis::uniform(1, 4, 3);
    cake->chi_deg = Axis::uniform(-180, 180, 2);
    cake->intensity = cake->sigma = cake->norm = cake->count = Image<double>(2, 3, 0.5);
    cake->intensity(1, 0) = 7;
    cake->intensity(0, 2) = std::nan("");
    result.curves.cake = cake;
    Sequence sequence;
    auto const messages = result_messages(result, {"id13", "epoch"}, sequence, 0);
    REQUIRE(messages.size() == 3);
    auto const& message = messages[2];
    CHECK(message.topic == "id13/cake/");
    CHECK(messages[0].header.at("kinds") == Json::array({"pattern", "fsdp", "cake"}));
    CHECK(message.header.at("schema") == "sqd.cake/1.0");
    CHECK(message.header.at("values").at("unit") == "2th_deg");
    std::vector<std::string> const names{"radial", "chi", "I", "I_sigma", "count"};
    REQUIRE(message.arrays.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) CHECK(message.header.at("arrays")[i].at("name") == names[i]);
    CHECK(message.header.at("arrays")[0].at("shape") == Json::array({3}));
    CHECK(message.header.at("arrays")[1].at("shape") == Json::array({2}));
    CHECK(message.header.at("arrays")[1].at("unit") == "deg");
    CHECK(message.header.at("arrays")[2].at("shape") == Json::array({2, 3}));
    double intensity[6];
    REQUIRE(message.arrays[2].size() == sizeof intensity);
    std::memcpy(intensity, message.arrays[2].data(), sizeof intensity);
    CHECK(intensity[3] == 7);
    CHECK(std::isnan(intensity[2]));
    auto const json = curves_json(result).at("cake").at("arrays").at("I");
    CHECK(json == Json::array({{0.5, 0.5, nullptr}, {7.0, 0.5, 0.5}}));
}

TEST_CASE("a name that is no UTF-8 cannot break a message") {
    ReducedResult result = full_result();
    result.scan.id = "\xff\xfe";
    Sequence sequence;
    CHECK_NOTHROW(to_text(result_messages(result, {"id13", "epoch"}, sequence, 0)[0].header));
}

TEST_CASE("time is written as ISO 8601 in UTC with milliseconds") {
    CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(iso_time(1'795'341'600'123'000'000) == "2026-11-22T10:00:00.123Z");
}

TEST_CASE("hashes are SHA-256 in hex") {
    // printf abc | sha256sum
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("pixels put together from tiles are the image, invalid ones as the sentinel") {
    Image<std::uint32_t> image(30, 100);
    for (std::size_t i = 0; i < image.size(); ++i) image.pixels[i] = static_cast<std::uint32_t>(i * 7919);
    image.pixels.back() = invalid_pixel;
    std::string const bytes = pixels_of(memory_frame(image, 0));
    REQUIRE(bytes.size() == image.size() * 4);
    CHECK(std::memcmp(bytes.data(), image.pixels.data(), bytes.size()) == 0);
}
