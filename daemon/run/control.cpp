#include "daemon/run/control.hpp"

#include "daemon/run/control_reply.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/json_depth.hpp"
#include "pipeline/stream/uuid.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace sqd {
namespace {

// What a client wrote is echoed and remembered: each has a longest size, in bytes.
constexpr std::size_t longest_id = 256, longest_request = 64, longest_name = 64;

constexpr unsigned bit(State state) {
    return 1U << static_cast<unsigned>(state);
}
constexpr unsigned always = bit(State::init) | bit(State::standby) | bit(State::ready) | bit(State::running) | bit(State::fault);
constexpr unsigned once_started = always & ~bit(State::init);
constexpr unsigned while_idle = bit(State::standby) | bit(State::ready);

/// Why a command is not allowed in a state, and what to do.
std::string why_not_in(State state) {
    switch (state) {
    case State::init: return "the service is starting: ask again in a moment";
    case State::running: return "a scan is running: end or abort it first";
    case State::fault: return "the series cannot be reduced: reset first";
    case State::standby:
    case State::ready: break;
    }
    return "no scan is running: begin one, or wait for a series";
}

ControlReply reference_reply(ReferenceBoard const& board) {
    auto const reference = board.current();
    return ok({{"reference", reference ? Json{{"uid", reference->uid}, {"id", reference->id}} : Json(nullptr)}});
}

} // namespace

std::vector<Control::Command> const& Control::commands() {
    static std::vector<Command> const table{
        {"ping", Effect::none, always, "answers with the time", &Control::ping},
        {"status", Effect::none, always, "what the heartbeat says, now", &Control::full_status},
        {"config", Effect::none, always, "the effective configuration as YAML, and its hash", &Control::config},
        {"describe", Effect::none, always, "commands, result kinds, states, phases and what leads from one state to another",
         &Control::describe},
        {"announce", Effect::changes, once_started,
         "says what the next series is: role, name, mount, calibrant, points, grid, pitch_um, snake, sample, monitor, attenuation, "
         "parameters",
         &Control::announce},
        {"begin", Effect::changes, while_idle,
         "opens a scan, with the keys of announce: all series until its end are one, their frames follow on; its final comes with end",
         &Control::begin},
        {"end", Effect::changes, bit(State::running) | bit(State::fault), "ends the scan that runs, as it stands, with a final",
         &Control::end},
        {"abort", Effect::changes, bit(State::running) | bit(State::fault),
         "ends the scan that runs as aborted; what still comes of its series is counted as late", &Control::abort},
        {"reset", Effect::changes, while_idle | bit(State::fault),
         "leaves the fault: a series that cannot be reduced ends, the next one may come", &Control::reset},
        {"background", Effect::with_arguments, once_started,
         "what is subtracted from samples, from the next result on: use (latest, none or configured) or scan (uid or id of a finished "
         "background); none of them = says which it is",
         &Control::background},
        {"reference", Effect::with_arguments, once_started,
         "what later results are compared with: scan (uid or id of a final of this process), archive (a file, relative to the archive's "
         "directory) or clear: true; none of them = says which it is",
         &Control::reference},
        {"snapshot", Effect::none, always, "the latest message of every topic, as further parts", &Control::snapshot},
        {"history", Effect::none, always,
         "the finals that are kept; with scan (uid or id) the messages of one as further parts; with topic and after (a seq) all that is "
         "kept of that topic and newer",
         &Control::history},
        {"acknowledge", Effect::changes, always,
         "takes note of all alarms, or of alarm (a name, or a list): those whose cause has gone leave the list, the others stay as "
         "acknowledged",
         &Control::acknowledge},
        {"shutdown", Effect::changes, always, "finishes the running series as it stands, saves and ends", &Control::shutdown},
    };
    return table;
}

Control::Control(ControlContext context) : context_(std::move(context)) {
    for (ScanBefore const& scan : context_.scans_before) {
        if (scan.request.empty()) continue;
        Json reply = begun_json(scan.uid, scan.id);
        reply["done"] = true;
        remember(scan.request, durable_or_not(ok(std::move(reply)), true).json);
    }
    for (std::string const& request : context_.announced_before)
        if (!request.empty()) remember(request, durable_or_not(ok({{"applies_to", "next"}, {"replaced", false}}), true).json);
}

std::vector<CommandRule> Control::rules() {
    std::vector<CommandRule> out;
    for (Command const& command : commands()) {
        out.push_back({command.name, command.effect != Effect::none, {}});
        for (State const state : all_states)
            if ((command.allowed & bit(state)) != 0) out.back().allowed.push_back(state);
    }
    return out;
}

ControlReply Control::operator()(std::string const& request, Asker const& asker) {
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
        reply = reply_to(json, asker);
    }
    Json out = {{"id", std::move(id)}};
    out.update(reply.json);
    reply.json = std::move(out);
    return reply;
}

/// A request that was answered before gets the same answer and does nothing; but not from one who may not ask.
ControlReply Control::reply_to(Request const& request, Asker const& asker) {
    Command const* const command = find_command(request["command"].get<std::string>());
    if (auto const why = why_not_for(asker, command, request)) {
        if (context_.command_refused) context_.command_refused(asker, command ? command->name : "an unknown command");
        return refusal("not_allowed", *why);
    }
    std::string const key = request_of(request);
    if (key.size() > longest_request) {
        return refusal("bad_request", "`request` of more than " + std::to_string(longest_request) + " bytes (a UUID has 36)");
    }
    if (auto const known = answered_.find(key); !key.empty() && known != answered_.end()) return {known->second, {}};
    return act(request["command"].get<std::string>(), request, key);
}

ControlReply Control::act(std::string const& command, Request const& request, std::string const& key) {
    Command const* const entry = find_command(command);
    if (!entry) return refusal("unknown_command", "unknown command '" + command.substr(0, longest_name) + "' (see describe)");
    auto const why = why_not(*entry, request);
    ControlReply reply = why ? refusal("not_allowed", command + " is not allowed now (" + *why + ")") : (this->*entry->handler)(request);
    if (!key.empty() && changes(*entry, request)) remember(key, reply.json);
    return reply;
}

std::optional<std::string> Control::why_not(Command const& command, Request const& request) const {
    ServiceState const now = state_of(context_.facts());
    bool const ends = command.name == std::string("shutdown");
    if (now.phase == Phase::stopping && changes(command, request) && !ends) return "the service is stopping";
    if ((command.allowed & bit(now.state)) == 0) return why_not_in(now.state);
    return std::nullopt;
}

Control::Command const* Control::find_command(std::string const& name) {
    for (Command const& entry : commands())
        if (name == entry.name) return &entry;
    return nullptr;
}

std::optional<std::string> Control::why_not_for(Asker const& asker, Command const* command, Request const& request) {
    if (asker.rights == Rights::none) return "this key is not in the list of clients any more (ask the people who run the service)";
    if (asker.rights == Rights::control || !command || !changes(*command, request)) return std::nullopt;
    return std::string(command->name) + " changes something (client '" + asker.name + "' may only read) ask the people who run the service";
}

/// Asked without arguments, some commands only say what is chosen.
bool Control::changes(Command const& command, Request const& request) {
    return command.effect == Effect::changes || (command.effect == Effect::with_arguments && !argument_keys(request).empty());
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

ControlReply Control::announce(Request const& request) {
    try {
        Announced said{new_uuid(), request_of(request), parse_announcement(arguments(request).dump(), true)};
        std::string const id = said.id;
        auto const placed = context_.announcements.place(std::move(said));
        ControlReply reply = ok({{"applies_to", placed.to_running ? "running" : "next"}, {"replaced", placed.replaced}});
        // The series that runs writes down what it takes; if it ends before, the announcement is the next one's.
        if (placed.to_running && context_.announcements.wait_saved(id, context_.patience)) return durable_or_not(std::move(reply), true);
        bool const takes_long = placed.to_running && !context_.announcements.pending();
        return takes_long ? durable_or_not(std::move(reply), false) : chosen(std::move(reply));
    } catch (DataError const& error) {
        return refusal("bad_value", error.what());
    }
}

ControlReply Control::reference(Request const& request) {
    std::vector<std::string> const said = argument_keys(request);
    ReferenceBoard& board = context_.references;
    if (said.empty()) return reference_reply(board);
    if (said == std::vector<std::string>{"clear"} && request["clear"] == true) {
        board.clear();
    } else if (said == std::vector<std::string>{"scan"} && has_text(request, "scan")) {
        if (!board.choose_final(request["scan"].get<std::string>()))
            return refusal("bad_value", "scan: no final sample of that uid or id among the last " +
                                            std::to_string(ReferenceBoard::most_finals) + " of this process (name its file by `archive`)");
    } else if (said == std::vector<std::string>{"archive"} && has_text(request, "archive")) {
        try {
            auto const file = request["archive"].get<std::string>();
            board.choose(std::make_shared<ComparedResult const>(context_.read_archived(file)), file);
        } catch (std::runtime_error const& error) { // the file is to blame, whatever it is
            return refusal("bad_value", std::string("archive: ") + error.what());
        }
    } else {
        return refusal("bad_value", "say one of scan (text), archive (text) and clear (true)");
    }
    auto const name = board.name();
    if (!name || !name->file.empty()) return chosen(reference_reply(board));
    auto const final = context_.finals.find(name->uid);
    if (!final) return durable_or_not(reference_reply(board), false);
    board.is_in(final->meta.file);
    return chosen(reference_reply(board));
}

/// What the boards say now outlives a restart, or the reply says that it does not.
ControlReply Control::chosen(ControlReply reply) const {
    return durable_or_not(std::move(reply), context_.choices_are_kept && context_.choices_are_kept());
}

ControlReply Control::shutdown(Request const& /*request*/) {
    context_.request_shutdown();
    return ok();
}

} // namespace sqd
