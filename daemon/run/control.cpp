#include "daemon/run/control.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <utility>

namespace sqd {
namespace {

ControlReply refusal(char const* code, std::string const& message) {
    return {{{"ok", false}, {"error", {{"code", code}, {"message", message}}}}, {}};
}

ControlReply ok(Json fields = Json::object()) {
    Json json = {{"ok", true}};
    json.update(fields);
    return {std::move(json), {}};
}

/// Keys that every request may carry.
bool is_envelope(std::string const& key) {
    return key == "id" || key == "command" || key == "request";
}

} // namespace

std::vector<Control::Command> const& Control::commands() {
    static std::vector<Command> const table{
        {"ping", "answers with the time", &Control::ping},
        {"status", "what the heartbeat says, now", &Control::full_status},
        {"config", "the effective configuration as YAML, and its hash", &Control::config},
        {"describe", "commands, result kinds and states", &Control::describe},
        {"announce",
         "says what the next series is: role, name, mount, points, grid, pitch_um, snake, sample, monitor, attenuation, parameters",
         &Control::announce},
        {"snapshot", "the latest message of every topic, as further parts", &Control::snapshot},
        {"acknowledge", "clears all alarms; those whose cause goes on come back", &Control::acknowledge},
        {"shutdown", "finishes the running series as it stands, saves and ends", &Control::shutdown},
    };
    return table;
}

ControlReply Control::operator()(std::string const& request) {
    Json const json = Json::parse(request, nullptr, false);
    Json id = nullptr;
    ControlReply reply;
    if (json.is_discarded() || !json.is_object() || !json.contains("command") || !json["command"].is_string()) {
        reply = refusal("bad_request", "not a JSON object with a text `command`");
    } else {
        if (json.contains("id")) id = json["id"];
        std::string const key = json.contains("request") && json["request"].is_string() ? json["request"].get<std::string>() : "";
        if (auto const known = answered_.find(key); !key.empty() && known != answered_.end()) {
            reply.json = known->second;
        } else {
            std::string const command = json["command"].get<std::string>();
            reply = refusal("unknown_command", "unknown command '" + command + "' (see describe)");
            for (Command const& entry : commands()) {
                if (command == entry.name) reply = (this->*entry.handler)(json);
            }
            if (!key.empty() && reply.messages.empty()) {
                constexpr std::size_t remembered = 256;
                answered_[key] = reply.json;
                answered_order_.push_back(key);
                if (answered_order_.size() > remembered) {
                    answered_.erase(answered_order_.front());
                    answered_order_.erase(answered_order_.begin());
                }
            }
        }
    }
    Json out = {{"id", std::move(id)}};
    out.update(reply.json);
    reply.json = std::move(out);
    return reply;
}

ControlReply Control::ping(Json const& /*request*/) {
    return ok({{"time", iso_time(context_.clock.utc_ns())}, {"instance", context_.speaker.instance}, {"epoch", context_.speaker.epoch}});
}

ControlReply Control::full_status(Json const& /*request*/) {
    Json body = status();
    body["version"] = SQD_VERSION;
    body["instance"] = context_.speaker.instance;
    body["epoch"] = context_.speaker.epoch;
    return ok(std::move(body));
}

ControlReply Control::config(Json const& /*request*/) {
    return ok({{"file", context_.config_file}, {"sha256", context_.config_sha256}, {"yaml", context_.effective_config}});
}

ControlReply Control::describe(Json const& /*request*/) {
    Json list = Json::array();
    for (Command const& entry : commands()) list.push_back({{"command", entry.name}, {"meaning", entry.meaning}});
    return ok({{"version", SQD_VERSION},
               {"commands", std::move(list)},
               {"kinds", {"pattern", "sq", "fsdp", "gr", "series", "status"}},
               {"states", {"init", "standby", "ready", "running", "fault"}},
               {"roles", {"sample", "background", "dark", "calibrant"}}});
}

ControlReply Control::announce(Json const& request) {
    Json said = Json::object();
    for (auto const& [key, value] : request.items()) {
        if (!is_envelope(key)) said[key] = value;
    }
    try {
        auto const placed = context_.announcements.place(parse_announcement(to_text(said), true));
        return ok({{"applies_to", placed.to_running ? "running" : "next"}, {"replaced", placed.replaced}});
    } catch (DataError const& error) {
        return refusal("bad_value", error.what());
    }
}

ControlReply Control::snapshot(Json const& /*request*/) {
    ControlReply reply = ok({{"epoch", context_.speaker.epoch}});
    Json list = Json::array();
    for (auto const& [topic, message] : context_.latest) {
        list.push_back({{"topic", topic}, {"seq", message.header.at("seq")}, {"parts", 2 + message.arrays.size()}});
        reply.messages.push_back(&message);
    }
    reply.json["messages"] = std::move(list);
    return reply;
}

ControlReply Control::acknowledge(Json const& /*request*/) {
    Json cleared = Json::array();
    for (Alarm const& alarm : context_.alarms.current()) {
        cleared.push_back(alarm.name);
        context_.alarms.clear(alarm.name);
    }
    return ok({{"cleared", std::move(cleared)}});
}

ControlReply Control::shutdown(Json const& /*request*/) {
    context_.request_shutdown();
    return ok();
}

Json Control::status() const {
    Progress const progress = context_.status.progress();
    double const now = context_.clock.steady_s();
    Json out = Json::object();
    out["state"] = progress.running ? "running" : "ready";
    out["phase"] = progress.running ? "collecting" : "idle";
    std::string reason =
        progress.running ? std::string(name(progress.scan.role)) + " '" + progress.scan.id + "' is being measured" : "waiting for a series";
    if (!progress.refused.empty()) {
        out["state"] = "fault";
        reason = progress.refused;
    }
    out["reason"] = reason;
    out["alarm"] = false;
    out["alarms"] = Json::array();
    for (Alarm const& alarm : context_.alarms.current()) {
        out["alarm"] = true;
        out["alarms"].push_back(
            {{"name", alarm.name}, {"message", alarm.message}, {"since", iso_time(alarm.since_ns)}, {"count", alarm.count}});
    }
    if (progress.running) {
        out["scan"] = scan_json(progress.scan);
        out["frames"] = frames_json(progress.frames);
        double const elapsed = std::max(progress.last_frame_s - progress.started_s, 1e-3);
        double const rate = static_cast<double>(progress.frames.received) / elapsed;
        out["rate_hz"] = rate;
        if (rate > 0) out["eta_s"] = static_cast<double>(progress.frames.pending) / rate;
        out["silent_s"] = now - progress.last_frame_s;
    }
    out["announcement_pending"] = context_.announcements.pending();
    out["counters"] = Json::object();
    for (auto const& [key, value] : context_.counters.values()) out["counters"][key] = value;
    out["queue_high_water_bytes"] = context_.queue_high_water();
    out["uptime_s"] = now - context_.started_s;
    out["latest_seq"] = Json::object();
    for (auto const& [topic, seq] : context_.sequence.latest()) out["latest_seq"][topic] = seq;
    return out;
}

} // namespace sqd
