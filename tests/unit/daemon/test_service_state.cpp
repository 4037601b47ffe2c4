// The state machine, exhaustively: the written tables against the parts themselves, every event and every command in every state.
#include "daemon/run/service_state.hpp"
#include "tests/support/control_bench.hpp"
#include "tests/support/series_bench.hpp"
#include "tests/support/source_root.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace sqd;
using namespace sqd::test;

namespace {

/// A control and a processing, without threads between them.
struct World {
    Bench processing;
    ControlBench control;
    bool started = true, source_there = true, stopping = false, reducing = false;
    std::uint64_t series = 0;

    World() {
        control.facts = [this] { return facts(); };
        control.order = [this](ScanOrder const& order) {
            return std::optional(processing.processor.obey(order) ? Obeyed::durable : Obeyed::now);
        };
    }
    ServiceFacts facts() const {
        return {.started = started,
                .stopping = stopping,
                .source_there = source_there,
                .source_absent = "nobody answers",
                .reducing = reducing,
                .progress = processing.processor.progress()};
    }
    ServiceState state() const { return state_of(facts()); }
    void good_series() { processing.start(++series, 1000); }
    void bad_series() {
        SeriesStart header = header_of(++series, 1000);
        header.rows = rows + 1;
        processing.processor.on(header);
    }
    void frame() { processing.frame(series, 0); }
    void end_series() { processing.end(series); }
    Json ask(std::string const& command) { return control(Json{{"command", command}}); }

    void apply(StateEvent event) {
        using E = StateEvent;
        switch (event) {
        case E::started: started = true; break;
        case E::source_gone: source_there = false; break;
        case E::source_there: source_there = true; break;
        case E::good_series: good_series(); break;
        case E::bad_series: bad_series(); break;
        case E::series_left:
        case E::series_end: end_series(); break;
        case E::begin:
        case E::end:
        case E::abort:
        case E::reset: ask(name(event)); break;
        }
    }
};

/// One way to be in a state.
struct Situation {
    char const* name;
    State state;
    Phase phase;
    bool begun; ///< a scan is open: the end of a series is not that of its scan
    std::function<void(World&)> reach;
};

std::vector<Situation> const& situations() {
    using enum State;
    using P = Phase;
    static std::vector<Situation> const all{
        {"starting", init, P::starting, false, [](World& w) { w.started = false; }},
        {"nobody there", standby, P::disconnected, false, [](World& w) { w.source_there = false; }},
        {"waiting", ready, P::waiting, false, [](World&) {}},
        {"the last final under way", ready, P::reducing, false, [](World& w) { w.reducing = true; }},
        {"a series without frames", running, P::armed, false, [](World& w) { w.good_series(); }},
        {"a series", running, P::collecting, false, [](World& w) { w.good_series(), w.frame(); }},
        {"a series whose source left", running, P::disconnected, false,
         [](World& w) { w.good_series(), w.frame(), w.source_there = false; }},
        {"begun, no series yet", running, P::waiting, true, [](World& w) { w.ask("begin"); }},
        {"begun, its first series", running, P::collecting, true, [](World& w) { w.ask("begin"), w.good_series(), w.frame(); }},
        {"begun, between two", running, P::waiting, true, [](World& w) { w.ask("begin"), w.good_series(), w.frame(), w.end_series(); }},
        {"begun, its second series armed", running, P::armed, true,
         [](World& w) { w.ask("begin"), w.good_series(), w.frame(), w.end_series(), w.good_series(); }},
        {"a series that is refused", fault, P::refused, false, [](World& w) { w.bad_series(); }},
        {"the last series was refused", fault, P::waiting, false, [](World& w) { w.bad_series(), w.frame(), w.end_series(); }},
        {"begun, its series is refused", fault, P::refused, true, [](World& w) { w.ask("begin"), w.bad_series(), w.frame(); }},
        {"begun, its second series is refused", fault, P::refused, true,
         [](World& w) { w.ask("begin"), w.good_series(), w.frame(), w.end_series(), w.bad_series(), w.frame(); }},
    };
    return all;
}

bool holds(When when, World const& world) {
    return when == When::always || (when == When::source_there) == world.source_there;
}

State expected_after(State from, StateEvent event, World const& world) {
    std::vector<State> found;
    for (Transition const& line : transitions())
        if (line.from == from && line.event == event && holds(line.when, world)) found.push_back(line.to);
    REQUIRE(found.size() <= 1);
    return found.empty() ? from : found.front();
}

/// Lines of one section of daemon/README.md that begin with "| `".
std::vector<std::string> table_of_page(std::string const& section) {
    std::ifstream page(source_root() / "daemon" / "README.md");
    REQUIRE(page);
    std::vector<std::string> out;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("#")) inside = line == section;
        if (inside && line.starts_with("| `")) out.push_back(line);
    }
    return out;
}

} // namespace

TEST_CASE("every situation is what it is said to be, with a sentence; every state and phase can be reached") {
    std::set<State> states;
    std::set<Phase> phases;
    for (Situation const& situation : situations()) {
        CAPTURE(situation.name);
        World world;
        situation.reach(world);
        ServiceState const now = world.state();
        CHECK(now.state == situation.state);
        CHECK(now.phase == situation.phase);
        CHECK(now.reason.size() > 10);
        states.insert(now.state);
        phases.insert(now.phase);
        world.stopping = true;
        CHECK(world.state().state == situation.state);
        CHECK(world.state().phase == Phase::stopping);
        phases.insert(world.state().phase);
    }
    CHECK(states.size() == all_states.size());
    CHECK(phases.size() == all_phases.size());
}

TEST_CASE("every event in every situation leads where the table says") {
    std::size_t tried = 0;
    std::set<std::pair<State, StateEvent>> covered;
    for (Situation const& situation : situations()) {
        for (StateEvent const event : all_events) {
            for (bool const there : {true, false}) {
                World world;
                situation.reach(world);
                if (situation.state != State::standby && situation.state != State::ready) world.source_there = there;
                if (event == (situation.begun ? StateEvent::series_end : StateEvent::series_left)) continue;
                bool const stream = event == StateEvent::good_series || event == StateEvent::bad_series || event == StateEvent::series_end;
                if (situation.state == State::init && stream) continue; // nothing is received yet
                CAPTURE(situation.name);
                CAPTURE(name(event));
                CAPTURE(there);
                State const expected = expected_after(world.state().state, event, world);
                world.apply(event);
                CHECK(name(world.state().state) == name(expected));
                covered.emplace(situation.state, event);
                ++tried;
            }
        }
    }
    CHECK(tried > 200);
    for (Transition const& line : transitions()) {
        CAPTURE(name(line.from));
        CAPTURE(name(line.event));
        CHECK(covered.contains({line.from, line.event}));
    }
}

TEST_CASE("every command in every situation is allowed or refused as the table says, with a reason that says what to do") {
    std::map<std::string, Json> const arguments{
        {"background", {{"use", "none"}}}, {"reference", {{"clear", true}}}, {"announce", {{"name", "x"}}}};
    for (CommandRule const& rule : Control::rules()) {
        for (Situation const& situation : situations()) {
            for (bool const stopping : {false, true}) {
                CAPTURE(rule.name);
                CAPTURE(situation.name);
                CAPTURE(stopping);
                World world;
                situation.reach(world);
                world.stopping = stopping;
                bool const in_table = std::ranges::find(rule.allowed, situation.state) != rule.allowed.end();
                bool const ends_nothing = (rule.name == "end" || rule.name == "abort") && !world.facts().progress.running &&
                                          world.facts().progress.open_scan.empty();
                bool const allowed = in_table && !ends_nothing && (!stopping || !rule.changes || rule.name == "shutdown");
                Json request = {{"command", rule.name}};
                if (auto const more = arguments.find(rule.name); more != arguments.end()) request.update(more->second);
                Json const reply = world.control(request);
                CHECK(code_of(reply) == (allowed ? "ok" : "not_allowed"));
                if (allowed) continue;
                CHECK(message_of(reply).starts_with(rule.name + " is not allowed now ("));
                CHECK(message_of(reply).size() > rule.name.size() + 40);
            }
        }
    }
}

TEST_CASE("a refusal names the way out") {
    auto const why = [](auto const& reach, char const* command) {
        World world;
        reach(world);
        return message_of(world.ask(command));
    };
    CHECK(why([](World&) {}, "end") == "end is not allowed now (no scan is running: begin one, or wait for a series)");
    CHECK(why([](World& w) { w.good_series(); }, "begin") == "begin is not allowed now (a scan is running: end or abort it first)");
    CHECK(why([](World& w) { w.bad_series(); }, "begin") == "begin is not allowed now (the series cannot be reduced: reset first)");
    CHECK(why([](World& w) { w.bad_series(), w.end_series(); }, "end") ==
          "end is not allowed now (no scan is running: reset leaves the fault)");
    CHECK(why([](World& w) { w.started = false; }, "begin") == "begin is not allowed now (the service is starting: ask again in a moment)");
    CHECK(why([](World& w) { w.stopping = true; }, "begin") == "begin is not allowed now (the service is stopping)");
}

TEST_CASE("the sentences name what is waited for, what runs and what is wrong") {
    World world;
    CHECK(world.state().reason == "waiting for a series");
    world.source_there = false;
    CHECK(world.state().reason == "nobody answers");
    world.source_there = true;
    world.good_series();
    CHECK(world.state().reason == "sample 'series_1' is armed, its first frame has not come");
    world.frame();
    CHECK(world.state().reason == "sample 'series_1' is being measured");
    world.source_there = false;
    CHECK(world.state().reason == "sample 'series_1' is being measured, but nobody answers");
    world.source_there = true;
    world.bad_series();
    CHECK(world.state().reason.find("65 x 64") != std::string::npos);
    world.end_series();
    CHECK(world.state().reason.ends_with("(so said the last series) reset, or start a good one"));
}

TEST_CASE("the tables of daemon/README.md are those of the program") {
    std::vector<std::string> expected;
    for (Transition const& line : transitions())
        expected.push_back("| `" + name(line.from) + "` | " + name(line.event) + " | " + name(line.when) + " | `" + name(line.to) + "` |");
    CHECK(table_of_page("### From state to state") == expected);
    expected.clear();
    for (CommandRule const& rule : Control::rules()) {
        std::string states;
        for (State const state : rule.allowed) states += (states.empty() ? "" : ", ") + name(state);
        if (rule.allowed.size() == all_states.size()) states = "all";
        expected.push_back("| `" + rule.name + "` | " + (rule.changes ? "yes" : "no") + " | " + states + " |");
    }
    CHECK(table_of_page("### Commands and states") == expected);
    expected.clear();
    for (State const state : all_states) expected.push_back("| `" + name(state) + "` | " + meaning(state) + " |");
    for (Phase const phase : all_phases) expected.push_back("| `" + name(phase) + "` | " + meaning(phase) + " |");
    for (StateEvent const event : all_events) expected.push_back("| `" + name(event) + "` | " + meaning(event) + " |");
    CHECK(table_of_page("### States, phases, events") == expected);
}

TEST_CASE("describe prints the tables") {
    ControlBench control;
    Json const reply = control(Json{{"command", "describe"}});
    CHECK(reply.at("transitions").size() == transitions().size());
    CHECK(reply.at("commands").size() == Control::rules().size());
    for (Json const& command : reply.at("commands")) {
        CHECK(command.at("changes").is_boolean());
        CHECK(command.at("allowed").is_array());
    }
    CHECK(reply.at("states") == Json::array({"init", "standby", "ready", "running", "fault"}));
    CHECK(reply.at("phases").size() == all_phases.size());
}

TEST_CASE("a series that a restart interrupted is said to wait for its detector") {
    ServiceFacts facts;
    facts.started = facts.source_there = true;
    facts.progress.running = facts.progress.waiting = true;
    facts.progress.scan.id = "glass";
    ServiceState const said = state_of(facts);
    CHECK((said.state == State::running && said.phase == Phase::waiting));
    CHECK(said.reason.find("'glass' was interrupted by a restart") != std::string::npos);
    facts.progress.waiting = false;
    CHECK(state_of(facts).phase == Phase::collecting);
}
