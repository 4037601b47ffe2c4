// The door: what is asked about a key, what is answered, and that libzmq obeys.
#include "daemon/log_limit.hpp"
#include "daemon/security/access.hpp"
#include "daemon/security/curve_socket.hpp"
#include "daemon/security/key_files.hpp"
#include "daemon/security/proof.hpp"
#include "daemon/security/zap_handler.hpp"
#include "daemon/security/zap_message.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::test;
using namespace std::chrono_literals;

namespace {

using Frames = std::vector<std::string>;

std::string raw(PublicKey const& key) {
    return {key.bytes.begin(), key.bytes.end()};
}

Frames request(std::string const& key) {
    return {"1.0", "17", "sqd", "192.0.2.1", "", "CURVE", key};
}

/// Everybody else is unlisted.
auto only(PublicKey const& listed) {
    return [listed](PublicKey const& key) { return key == listed ? std::optional(Client{"alice", listed, Rights::read}) : std::nullopt; };
}

ZapHandler::Answer refuses_all() {
    return [](Frames const& frames) { return answer_zap(frames, [](PublicKey const&) { return std::nullopt; }).frames; };
}

} // namespace

TEST_CASE("a listed key is answered 200 with itself as user, another one 400") {
    auto const alice = new_key_pair().public_key, mallory = new_key_pair().public_key;
    auto const yes = answer_zap(request(raw(alice)), only(alice));
    CHECK(yes.verdict == Verdict::accepted);
    CHECK(yes.key == alice);
    CHECK(yes.address == "192.0.2.1");
    CHECK(yes.frames == Frames{"1.0", "17", "200", "OK", to_z85(alice.bytes), ""});
    auto const no = answer_zap(request(raw(mallory)), only(alice));
    CHECK(no.verdict == Verdict::unlisted);
    CHECK(no.frames[2] == "400");
    CHECK(no.frames[4].empty());
}

TEST_CASE("whatever is not asked as it should be is answered 400, and nobody is looked up") {
    auto const alice = new_key_pair().public_key;
    auto const nobody = [](PublicKey const&) -> std::optional<Client> { throw std::logic_error("looked up"); };
    std::string const key = raw(alice);
    for (Frames const& bad :
         {Frames{}, Frames{"1.0"}, Frames{"1.0", "17"}, Frames{"1.0", "17", "sqd", "a", "", "CURVE"},
          Frames{"1.0", "17", "sqd", "a", "", "CURVE", key, key}, Frames{"1.1", "17", "sqd", "a", "", "CURVE", key},
          Frames{"1.0", "17", "sqd", "a", "", "NULL"}, Frames{"1.0", "17", "sqd", "a", "", "NULL", key},
          Frames{"1.0", "17", "sqd", "a", "", "PLAIN", "user", "password"}, Frames{"1.0", "17", "sqd", "a", "", "CURVE", key + "x"},
          Frames{"1.0", "17", "sqd", "a", "", "CURVE", key.substr(1)}, Frames{"1.0", "17", "sqd", "a", "", "CURVE", ""},
          Frames{"1.0", "17", "sqd", "a", "", std::string("CURVE\0", 6), key}, Frames(1000, std::string(1000, '\xff'))}) {
        auto const out = answer_zap(bad, nobody);
        CHECK(out.verdict == Verdict::malformed);
        CHECK_FALSE(out.key);
        REQUIRE(out.frames.size() == 6);
        CHECK(out.frames[2] == "400");
        CHECK(out.frames[4].empty());
    }
    Frames other = request(key);
    other[2] = "global";
    CHECK(answer_zap(other, nobody).verdict == Verdict::other_domain);
    CHECK(answer_zap(other, nobody).frames[2] == "400");
}

TEST_CASE("what a question says of itself comes back bounded and printable") {
    auto const alice = new_key_pair().public_key;
    Frames loud = request(raw(alice));
    loud[1] = std::string(100'000, 'i');
    loud[3] = "\x1b[2J" + std::string(100'000, 'a');
    auto const out = answer_zap(loud, only(alice));
    CHECK(out.frames[1].empty());
    CHECK(out.address.size() == 64);
    CHECK(out.address.find('\x1b') == std::string::npos);
}

TEST_CASE("where a handler refuses, the proof holds; where none answers, or one lets everybody in, it does not") {
    auto const server = new_key_pair().secret_key;
    SUBCASE("refused") {
        zmq::context_t context;
        ZapHandler const handler(context, refuses_all(), [] {});
        CHECK_NOTHROW(prove_refusal(context, server));
        CHECK_FALSE(handler.failed());
    }
    SUBCASE("no handler: libzmq lets any key in") {
        zmq::context_t context;
        CHECK_THROWS_WITH_AS(prove_refusal(context, server), doctest::Contains("was let in"), ConfigError);
    }
    SUBCASE("a handler that says yes") {
        zmq::context_t context;
        ZapHandler const handler(
            context, [](Frames const& frames) { return Frames{"1.0", frames.at(1), "200", "OK", "anybody", ""}; }, [] {});
        CHECK_THROWS_WITH_AS(prove_refusal(context, server), doctest::Contains("was let in"), ConfigError);
    }
    SUBCASE("a handler that says nothing") {
        zmq::context_t context;
        zmq::socket_t silent(context, zmq::socket_type::rep);
        silent.bind("inproc://zeromq.zap.01");
        CHECK_THROWS_WITH_AS(prove_refusal(context, server, 50ms), doctest::Contains("not answered"), ConfigError);
    }
}

TEST_CASE("a context has one handler: a second one is an error of the start") {
    zmq::context_t context;
    ZapHandler const first(context, refuses_all(), [] {});
    CHECK_THROWS_AS(ZapHandler(context, refuses_all(), [] {}), ConfigError);
}

TEST_CASE("a handler whose answer throws lets nobody in any more, and says so") {
    zmq::context_t context;
    ZapHandler const handler(
        context, [](Frames const&) -> Frames { throw std::runtime_error("broken"); }, [] {});
    CHECK_THROWS_AS(prove_refusal(context, new_key_pair().secret_key, 200ms), ConfigError);
    CHECK(handler.failed());
}

namespace {

/// A service's access with two listed clients.
struct Station {
    TemporaryDirectory folder;
    KeyPair server = new_key_pair(), alice = new_key_pair(), bob = new_key_pair();
    FakeClock clock;
    AlarmBoard alarms;
    Counters counters;
    zmq::context_t context;
    SecurityConfig config;

    Station() {
        config.server_key = write_key_files(folder.path() / "server", server).secret;
        config.clients = folder.path() / "clients";
        list("alice " + to_z85(alice.public_key.bytes) + " control\nbob " + to_z85(bob.public_key.bytes) + " read\n");
    }
    void list(std::string const& text) const { std::ofstream(config.clients) << text; }
};

/// What a guarded socket knows of who knocks with `keys`; nullopt where he stays outside.
std::optional<Asker> who_comes(Station& station, Access const& access, KeyPair const& keys) {
    zmq::socket_t inside(station.context, zmq::socket_type::dealer), outside(station.context, zmq::socket_type::dealer);
    inside.set(zmq::sockopt::linger, 0);
    outside.set(zmq::sockopt::linger, 0);
    access.guard(inside);
    inside.bind("tcp://127.0.0.1:0");
    present(outside, keys, station.server.public_key);
    auto const refused = station.counters.access_refused_unlisted.load();
    outside.connect(inside.get(zmq::sockopt::last_endpoint));
    outside.send(zmq::str_buffer("hello"), zmq::send_flags::none);
    inside.set(zmq::sockopt::rcvtimeo, 20);
    for (int tries = 0; tries < 1000; ++tries) {
        zmq::message_t message;
        if (inside.recv(message)) return access.asker(Access::user_of(message));
        if (station.counters.access_refused_unlisted != refused) return std::nullopt;
    }
    FAIL("neither let in nor refused");
    return std::nullopt;
}

} // namespace

TEST_CASE("who is listed comes in under his name with his rights, who is not stays outside and is counted") {
    Station station;
    Access access(station.context, station.config, station.alarms, station.counters, station.clock);
    CHECK(station.counters.access_refused_unlisted == 0); // the proof is nobody
    auto const alice = who_comes(station, access, station.alice), bob = who_comes(station, access, station.bob);
    REQUIRE((alice && bob));
    CHECK((alice->name == "alice" && alice->rights == Rights::control));
    CHECK((bob->name == "bob" && bob->rights == Rights::read));
    CHECK(station.counters.access_accepted == 2);
    CHECK_FALSE(who_comes(station, access, new_key_pair()));
    CHECK(station.counters.access_refused_unlisted == 1);
    station.list("alice " + to_z85(station.alice.public_key.bytes) + " read\n");
    access.reload();
    CHECK(who_comes(station, access, station.alice)->rights == Rights::read);
    CHECK_FALSE(who_comes(station, access, station.bob));
}

TEST_CASE("a message that came through no door is nobody's") {
    Station station;
    Access access(station.context, station.config, station.alarms, station.counters, station.clock);
    zmq::message_t message(std::string("x"));
    CHECK(access.asker(Access::user_of(message)).rights == Rights::none);
    SecurityConfig const none;
    Access const open(station.context, none, station.alarms, station.counters, station.clock);
    CHECK(open.asker(Access::user_of(message)).rights == Rights::control);
}

TEST_CASE("an access whose keys or list are wrong, or whose context is taken, does not come to be") {
    Station station; // of one attempt: libzmq lets an address go some time after its socket has gone
    auto const make = [&] { Access(station.context, station.config, station.alarms, station.counters, station.clock); };
    SUBCASE("all is well") {
        CHECK_NOTHROW(make());
    }
    SUBCASE("the list") {
        station.list("nobody\n");
        CHECK_THROWS_WITH_AS(make(), doctest::Contains("clients"), ConfigError);
    }
    SUBCASE("the context") {
        ZapHandler const other(station.context, refuses_all(), [] {});
        CHECK_THROWS_WITH_AS(make(), doctest::Contains("answered elsewhere"), ConfigError);
    }
    SUBCASE("the key") {
        station.config.server_key = station.config.clients;
        CHECK_THROWS_WITH_AS(make(), doctest::Contains("secret"), ConfigError);
    }
}

TEST_CASE("lines are bounded per period, and the first of the next one tells how many were left out") {
    LogLimit limit(2, 10);
    CHECK(limit.due(100) == 0);
    CHECK(limit.due(101) == 0);
    for (int i = 0; i < 5; ++i) CHECK_FALSE(limit.due(102));
    CHECK_FALSE(limit.due(109.9));
    CHECK(limit.due(110) == 6);
    CHECK(limit.due(110) == 0);
    CHECK_FALSE(limit.due(119));
    CHECK(limit.due(500) == 1);
}
