#include "daemon/run/control.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/json_depth.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace sqd {
namespace {

// What a client wrote is echoed and remembered: each has a longest size, in bytes.
constexpr std::size_t longest_id = 256, longest_request = 64, longest_name = 64, longest_message = 1024;

ControlReply refusal(char const* code, std::string const& message) {
    return {{{"ok", false}, {"error", {{"code", code}, {"message", message.substr(0, longest_message)}}}}, {}};
}

ControlReply ok(Json fields = Json::object()) {
    Json json = {{"ok", true}};
    json.update(fields);
    return {std::move(json), {}};
}

bool has_text(nlohmann::json const& object, char const* key) {
    auto const found = object.find(key);
    return found != object.end() && found->is_string();
}

/// Keys that every request may carry.
bool is_envelope(std::string const& key) {
    return key == "id" || key == "command" || key == "request";
}

Json reference_json(std::shared_ptr<ComparedResult const> const& reference) {
    return reference ? Json{{"uid", reference->uid}, {"id", reference->id}} : Json(nullptr);
}

} // namespace

std::vector<Control::Command> const& Control::commands() {
    static std::vector<Command> const table{
        {"ping", "answers with the time", &Control::ping},
        {"status", "what the heartbeat says, now", &Control::full_status},
        {"config", "the effective configuration as YAML, and its hash", &Control::config},
        {"describe", "commands, result kinds and states", &Control::describe},
        {"announce",
         "says what the next series is: role, name, mount, calibrant, points, grid, pitch_um, snake, sample, monitor, attenuation, "
         "parameters",
         &Control::announce},
        {"reference",
         "what later results are compared with: scan (uid or id of a final of this process), archive (a file, relative to the archive's "
         "directory) or clear: true; none of them = says which it is",
         &Control::reference},
        {"snapshot", "the latest message of every topic, as further parts", &Control::snapshot},
        {"acknowledge", "clears all alarms; those whose cause goes on come back", &Control::acknowledge},
        {"shutdown", "finishes the running series as it stands, saves and ends", &Control::shutdown},
    };
    return table;
}

ControlReply Control::operator()(std::string const& request) {
    Json id = nullptr;
    ControlReply reply;
    // Before anything is parsed: copying and printing recurse as deep as a text nests.
    if (json_depth(request) > max_json_depth) {
        reply = refusal("bad_request", "nested deeper than " + std::to_string(max_json_depth) + " brackets");
    } else if (Request const json = Request::parse(request, nullptr, false); !json.is_object() || !has_text(json, "command")) {
        reply = refusal("bad_request", "not a JSON object with a text `command`");
    } else if (json.contains("id") && json["id"].dump().size() > longest_id) {
        reply = refusal("bad_request", "`id` of more than " + std::to_string(longest_id) + " bytes");
    } else {
        if (json.contains("id")) id = json["id"];
        reply = reply_to(json);
    }
    Json out = {{"id", std::move(id)}};
    out.update(reply.json);
    reply.json = std::move(out);
    return reply;
}

/// A request that was answered before gets the same answer and does nothing.
ControlReply Control::reply_to(Request const& request) {
    std::string const key = has_text(request, "request") ? request["request"].get<std::string>() : "";
    if (key.size() > longest_request) {
        return refusal("bad_request", "`request` of more than " + std::to_string(longest_request) + " bytes (a UUID has 36)");
    }
    if (auto const known = answered_.find(key); !key.empty() && known != answered_.end()) return {known->second, {}};
    ControlReply reply = act(request["command"].get<std::string>(), request);
    if (!key.empty() && reply.messages.empty()) remember(key, reply.json);
    return reply;
}

ControlReply Control::act(std::string const& command, Request const& request) {
    for (Command const& entry : commands()) {
        if (command == entry.name) return (this->*entry.handler)(request);
    }
    return refusal("unknown_command", "unknown command '" + command.substr(0, longest_name) + "' (see describe)");
}

void Control::remember(std::string const& key, Json const& reply) {
    constexpr std::size_t remembered = 256;
    answered_[key] = reply;
    answered_order_.push_back(key);
    if (answered_order_.size() > remembered) {
        answered_.erase(answered_order_.front());
        answered_order_.erase(answered_order_.begin());
    }
}

ControlReply Control::ping(Request const& /*request*/) {
    return ok({{"time", iso_time(context_.clock.utc_ns())}, {"instance", context_.speaker.instance}, {"epoch", context_.speaker.epoch}});
}

ControlReply Control::full_status(Request const& /*request*/) {
    Json body = status();
    body["version"] = SQD_VERSION;
    body["instance"] = context_.speaker.instance;
    body["epoch"] = context_.speaker.epoch;
    return ok(std::move(body));
}

ControlReply Control::config(Request const& /*request*/) {
    auto const [yaml, sha256] =
        context_.reloaded_config ? context_.reloaded_config() : std::pair(context_.effective_config, context_.config_sha256);
    return ok({{"file", context_.config_file}, {"sha256", sha256}, {"yaml", yaml}});
}

ControlReply Control::describe(Request const& /*request*/) {
    Json list = Json::array();
    for (Command const& entry : commands()) list.push_back({{"command", entry.name}, {"meaning", entry.meaning}});
    return ok({{"version", SQD_VERSION},
               {"commands", std::move(list)},
               {"kinds", {"pattern", "sq", "fsdp", "gr", "cake", "series", "status"}},
               {"states", {"init", "standby", "ready", "running", "fault"}},
               {"roles", {"sample", "background", "dark", "calibrant"}}});
}

ControlReply Control::announce(Request const& request) {
    Request said = Request::object();
    for (auto const& [key, value] : request.items()) {
        if (!is_envelope(key)) said[key] = value;
    }
    try {
        auto const placed = context_.announcements.place(parse_announcement(said.dump(), true));
        return ok({{"applies_to", placed.to_running ? "running" : "next"}, {"replaced", placed.replaced}});
    } catch (DataError const& error) {
        return refusal("bad_value", error.what());
    }
}

ControlReply Control::reference(Request const& request) {
    std::vector<std::string> said;
    for (auto const& [key, value] : request.items()) {
        if (!is_envelope(key)) said.push_back(key);
    }
    ReferenceBoard& board = context_.references;
    if (said.empty()) return ok({{"reference", reference_json(board.current())}});
    if (said == std::vector<std::string>{"clear"} && request["clear"] == true) {
        board.clear();
    } else if (said == std::vector<std::string>{"scan"} && has_text(request, "scan")) {
        if (!board.choose_final(request["scan"].get<std::string>()))
            return refusal("bad_value", "scan: no final sample of that uid or id among the last " +
                                            std::to_string(ReferenceBoard::most_finals) + " of this process (name its file by `archive`)");
    } else if (said == std::vector<std::string>{"archive"} && has_text(request, "archive")) {
        try {
            board.choose(std::make_shared<ComparedResult const>(context_.read_archived(request["archive"].get<std::string>())));
        } catch (std::runtime_error const& error) { // the file is to blame, whatever it is
            return refusal("bad_value", std::string("archive: ") + error.what());
        }
    } else {
        return refusal("bad_value", "say one of scan (text), archive (text) and clear (true)");
    }
    return ok({{"reference", reference_json(board.current())}});
}

ControlReply Control::snapshot(Request const& /*request*/) {
    ControlReply reply = ok({{"epoch", context_.speaker.epoch}});
    Json list = Json::array();
    for (auto const& [topic, message] : context_.latest) {
        list.push_back({{"topic", topic}, {"seq", message.header.at("seq")}, {"parts", 2 + message.arrays.size()}});
        reply.messages.push_back(&message);
    }
    reply.json["messages"] = std::move(list);
    return reply;
}

ControlReply Control::acknowledge(Request const& /*request*/) {
    Json cleared = Json::array();
    for (Alarm const& alarm : context_.alarms.current()) {
        cleared.push_back(alarm.name);
        context_.alarms.clear(alarm.name);
    }
    return ok({{"cleared", std::move(cleared)}});
}

ControlReply Control::shutdown(Request const& /*request*/) {
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
    out["reference"] = reference_json(context_.references.current());
    out["counters"] = Json::object();
    for (auto const& [key, value] : context_.counters.values()) out["counters"][key] = value;
    out["queue_high_water_bytes"] = context_.queue_high_water();
    out["uptime_s"] = now - context_.started_s;
    out["latest_seq"] = Json::object();
    for (auto const& [topic, seq] : context_.sequence.latest()) out["latest_seq"][topic] = seq;
    return out;
}

} // namespace sqd
