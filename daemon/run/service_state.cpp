#include "daemon/run/service_state.hpp"

namespace sqd {
namespace {

std::string scan_words(Progress const& progress) {
    return name(progress.scan.role) + " '" + progress.scan.id + "'";
}

/// While a series runs, or a scan is open.
ServiceState running(ServiceFacts const& facts) {
    Progress const& progress = facts.progress;
    if (!progress.running) {
        std::string const begun = progress.waiting ? " was begun before a restart" : " has been begun";
        return {State::running, Phase::waiting, scan_words(progress) + begun + ", its first series has not"};
    }
    if (progress.between)
        return {State::running, Phase::waiting, scan_words(progress) + " is open and waits for its next series or its end"};
    if (progress.waiting)
        return {State::running, Phase::waiting, scan_words(progress) + " was interrupted by a restart and waits for the detector to go on"};
    std::string const doing = scan_words(progress) + (progress.armed ? " is armed, its first frame has not come" : " is being measured");
    if (!facts.source_there) return {State::running, Phase::disconnected, doing + ", but " + facts.source_absent};
    return {State::running, progress.armed ? Phase::armed : Phase::collecting, doing};
}

} // namespace

ServiceState state_of(ServiceFacts const& facts) {
    Progress const& progress = facts.progress;
    ServiceState out;
    if (!facts.started)
        out = {State::init, Phase::starting, "what was kept of before is being read"};
    else if (!progress.refused.empty())
        out = progress.running
                  ? ServiceState{State::fault, Phase::refused, progress.refused}
                  : ServiceState{State::fault, Phase::waiting, progress.refused + " (so said the last series) reset, or start a good one"};
    else if (progress.running || !progress.open_scan.empty())
        out = running(facts);
    else if (!facts.source_there)
        out = {State::standby, Phase::disconnected, facts.source_absent};
    else if (facts.reducing)
        out = {State::ready, Phase::reducing, "the last scan is being reduced, the next one may start"};
    else
        out = {State::ready, Phase::waiting, facts.announced ? "waiting for the series that was announced" : "waiting for a series"};
    if (facts.stopping) {
        out.phase = Phase::stopping;
        out.reason = "stopping: what runs is finished and saved";
    }
    return out;
}

std::vector<Transition> const& transitions() {
    using enum State;
    using E = StateEvent;
    using W = When;
    static std::vector<Transition> const table{
        {init, E::started, W::source_gone, standby},       {init, E::started, W::source_there, ready},
        {standby, E::source_there, W::always, ready},      {standby, E::begin, W::always, running},
        {standby, E::good_series, W::always, running},     {standby, E::bad_series, W::always, fault},
        {ready, E::source_gone, W::always, standby},       {ready, E::begin, W::always, running},
        {ready, E::good_series, W::always, running},       {ready, E::bad_series, W::always, fault},
        {running, E::bad_series, W::always, fault},        {running, E::series_end, W::source_there, ready},
        {running, E::series_end, W::source_gone, standby}, {running, E::end, W::source_there, ready},
        {running, E::end, W::source_gone, standby},        {running, E::abort, W::source_there, ready},
        {running, E::abort, W::source_gone, standby},      {fault, E::good_series, W::always, running},
        {fault, E::reset, W::source_there, ready},         {fault, E::reset, W::source_gone, standby},
    };
    return table;
}

std::string name(State state) {
    switch (state) {
    case State::init: return "init";
    case State::standby: return "standby";
    case State::ready: return "ready";
    case State::running: return "running";
    case State::fault: break;
    }
    return "fault";
}

std::string meaning(State state) {
    switch (state) {
    case State::init: return "starting";
    case State::standby: return "the source is not there: nobody is connected, or its folder is gone";
    case State::ready: return "waiting for a series";
    case State::running: return "a series is being measured, or a scan is open";
    case State::fault: break;
    }
    return "the series that runs, or ran last, cannot be reduced; left by a good series or by reset";
}

std::string name(Phase phase) {
    switch (phase) {
    case Phase::starting: return "starting";
    case Phase::disconnected: return "disconnected";
    case Phase::waiting: return "waiting";
    case Phase::armed: return "armed";
    case Phase::collecting: return "collecting";
    case Phase::reducing: return "reducing";
    case Phase::refused: return "refused";
    case Phase::stopping: break;
    }
    return "stopping";
}

std::string meaning(Phase phase) {
    switch (phase) {
    case Phase::starting: return "what was kept of before is being read";
    case Phase::disconnected: return "the source is not there, now or in the middle of a series";
    case Phase::waiting: return "for a series, for the next one of an open scan or an interrupted one to go on, or in fault for a good one";
    case Phase::armed: return "a series has started, its first frame has not come";
    case Phase::collecting: return "frames come";
    case Phase::reducing: return "the last final is on its way; the next series may start";
    case Phase::refused: return "frames come and cannot be reduced";
    case Phase::stopping: break;
    }
    return "what runs is finished and saved, then the program ends";
}

std::string name(StateEvent event) {
    switch (event) {
    case StateEvent::started: return "started";
    case StateEvent::source_gone: return "source_gone";
    case StateEvent::source_there: return "source_there";
    case StateEvent::begin: return "begin";
    case StateEvent::good_series: return "good_series";
    case StateEvent::bad_series: return "bad_series";
    case StateEvent::series_end: return "series_end";
    case StateEvent::series_left: return "series_left";
    case StateEvent::end: return "end";
    case StateEvent::abort: return "abort";
    case StateEvent::reset: break;
    }
    return "reset";
}

std::string meaning(StateEvent event) {
    switch (event) {
    case StateEvent::started: return "what was kept of before has been read";
    case StateEvent::source_gone: return "the source has left";
    case StateEvent::source_there: return "the source has come";
    case StateEvent::begin: return "control begins a scan";
    case StateEvent::good_series: return "a series starts that can be reduced";
    case StateEvent::bad_series: return "a series starts that cannot be reduced";
    case StateEvent::series_end: return "a series ends, and its scan with it";
    case StateEvent::series_left: return "a series ends, the scan that was begun goes on";
    case StateEvent::end: return "control ends the scan";
    case StateEvent::abort: return "control aborts the scan";
    case StateEvent::reset: break;
    }
    return "control resets";
}

std::string name(When when) {
    switch (when) {
    case When::source_there: return "the source is there";
    case When::source_gone: return "the source is not there";
    case When::always: break;
    }
    return "";
}

} // namespace sqd
