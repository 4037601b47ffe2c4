// What the service says of itself: the heartbeat's body, and the description of what can be asked.
#include "daemon/run/control_reply.hpp"

#include <algorithm>
#include <utility>

namespace sqd {
namespace {

Json alarm_json(Alarm const& alarm) {
    return {{"name", alarm.name},   {"message", alarm.message}, {"since", iso_time(alarm.since_ns)},
            {"count", alarm.count}, {"active", alarm.active},   {"acknowledged", alarm.acknowledged}};
}

Json states_json() {
    Json out = Json::object();
    for (State const state : all_states) out[name(state)] = meaning(state);
    return out;
}

Json phases_json() {
    Json out = Json::object();
    for (Phase const phase : all_phases) out[name(phase)] = meaning(phase);
    return out;
}

Json events_json() {
    Json out = Json::object();
    for (StateEvent const event : all_events) out[name(event)] = meaning(event);
    return out;
}

Json transitions_json() {
    Json out = Json::array();
    for (Transition const& each : transitions()) {
        out.push_back({{"from", name(each.from)}, {"event", name(each.event)}, {"to", name(each.to)}});
        if (each.when != When::always) out.back()["when"] = name(each.when);
    }
    return out;
}

} // namespace

ControlReply Control::describe(Request const& /*request*/) {
    Json list = Json::array();
    auto const all_rules = rules();
    for (std::size_t i = 0; i < commands().size(); ++i) {
        Json allowed = Json::array();
        for (State const state : all_rules[i].allowed) allowed.push_back(name(state));
        list.push_back({{"command", commands()[i].name},
                        {"meaning", commands()[i].meaning},
                        {"changes", all_rules[i].changes},
                        {"allowed", std::move(allowed)}});
    }
    Json states = Json::array();
    for (State const state : all_states) states.push_back(name(state));
    return ok({{"version", SQD_VERSION},
               {"commands", std::move(list)},
               {"kinds", {"pattern", "sq", "gr", "adhoc", "fsdp", "cake", "map", "series", "status"}},
               {"states", std::move(states)},
               {"state_meanings", states_json()},
               {"phases", phases_json()},
               {"events", events_json()},
               {"transitions", transitions_json()},
               {"roles", {"sample", "background", "dark", "calibrant"}}});
}

void Control::put_scan(Json& out, Progress const& progress, double now_s) const {
    if (!progress.open_scan.empty()) out["open_scan"] = progress.open_scan;
    if (!progress.running && progress.open_scan.empty()) return;
    out["scan"] = scan_json(progress.scan);
    if (!progress.running) return;
    out["frames"] = frames_json(progress.frames);
    double const elapsed = std::max(progress.last_frame_s - progress.started_s, 1e-3);
    double const rate = static_cast<double>(progress.frames.received) / elapsed;
    out["rate_hz"] = rate;
    if (rate > 0) out["eta_s"] = static_cast<double>(progress.frames.pending) / rate;
    out["silent_s"] = now_s - progress.last_frame_s;
}

Json Control::status() const {
    ServiceFacts const facts = context_.facts();
    ServiceState const state = state_of(facts);
    double const now = context_.clock.steady_s();
    Json out = {{"state", name(state.state)}, {"phase", name(state.phase)}, {"reason", state.reason}};
    out["alarm"] = false;
    out["alarms"] = Json::array();
    for (Alarm const& alarm : context_.alarms.current()) {
        if (!alarm.acknowledged) out["alarm"] = true;
        out["alarms"].push_back(alarm_json(alarm));
    }
    put_scan(out, facts.progress, now);
    out["announcement_pending"] = facts.announced;
    auto const reference = context_.references.current();
    out["reference"] = reference ? Json{{"uid", reference->uid}, {"id", reference->id}} : Json(nullptr);
    auto const background = context_.backgrounds.in_use();
    out["background"] = background ? Json{{"uid", background->uid}, {"id", background->id}} : Json(nullptr);
    out["counters"] = Json::object();
    for (auto const& [key, value] : context_.counters.values()) out["counters"][key] = value;
    ClientCounts const& clients = context_.clients;
    out["clients"] = {{"results", clients.results}, {"control", clients.control}, {"gone", clients.gone}, {"refused", clients.refused}};
    out["queue_high_water_bytes"] = context_.queue_high_water();
    out["lag_s"] = facts.lag_s;
    out["uptime_s"] = now - context_.started_s;
    out["latest_seq"] = Json::object();
    auto const latest = context_.sequence.latest();
    for (auto const& [topic, seq] : latest) out["latest_seq"][topic] = seq;
    out["final_seq"] = Json::object();
    for (RememberedFinal const& final : finals_of_now()) { // newest first
        for (WireMessage const& message : *final.messages) {
            auto const seq = message.header.value("seq", std::uint64_t{0});
            bool const went_out = latest.contains(message.topic) && seq <= latest.at(message.topic); // else it is on its way
            if (went_out && !out["final_seq"].contains(message.topic)) out["final_seq"][message.topic] = seq;
        }
    }
    return out;
}

} // namespace sqd
