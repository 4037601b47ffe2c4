// What the service is in: a state, a phase and a sentence, worked out from what is observed. It is stored nowhere.
#pragma once

#include "pipeline/stream/series_processor.hpp"

#include <array>
#include <string>
#include <vector>

namespace sqd {

enum class State { init, standby, ready, running, fault };
enum class Phase { starting, disconnected, waiting, armed, collecting, reducing, refused, stopping };
std::string name(State state);
std::string name(Phase phase);

inline constexpr std::array all_states{State::init, State::standby, State::ready, State::running, State::fault};
inline constexpr std::array all_phases{Phase::starting,   Phase::disconnected, Phase::waiting, Phase::armed,
                                       Phase::collecting, Phase::reducing,     Phase::refused, Phase::stopping};

/// What is known of the service at one moment.
struct ServiceFacts {
    bool started = true; ///< what was kept of before has been read, and frames are taken
    bool stopping = false;
    bool source_there = true;
    std::string source_absent; ///< the sentence where it is not
    bool announced = false;    ///< an announcement waits for its series
    bool reducing = false;     ///< a final is on its way
    double lag_s = 0;          ///< age of the events that are being worked off
    Progress progress;
};

struct ServiceState {
    State state;
    Phase phase;
    std::string reason; ///< one sentence
};

ServiceState state_of(ServiceFacts const& facts);

/// What may happen to the service.
enum class StateEvent { started, source_gone, source_there, begin, good_series, bad_series, series_end, series_left, end, abort, reset };
std::string name(StateEvent event);
inline constexpr std::array all_events{StateEvent::started,     StateEvent::source_gone, StateEvent::source_there, StateEvent::begin,
                                       StateEvent::good_series, StateEvent::bad_series,  StateEvent::series_end,   StateEvent::series_left,
                                       StateEvent::end,         StateEvent::abort,       StateEvent::reset};

/// What it hangs on beside the state.
enum class When { always, source_there, source_gone };
std::string name(When when);

/// One line of the transition table; whatever has no line leaves the state as it is.
struct Transition {
    State from;
    StateEvent event;
    When when;
    State to;
};
std::vector<Transition> const& transitions();

/// What states, phases and events mean, a sentence each.
std::string meaning(State state);
std::string meaning(Phase phase);
std::string meaning(StateEvent event);

} // namespace sqd
