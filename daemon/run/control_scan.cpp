// Commands that act on the scan that runs, and on what is subtracted from it.
#include "daemon/run/control_reply.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/stream/uuid.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {
namespace {

/// nullopt = it has arguments, and must not.
std::optional<ControlReply> refused_arguments(nlohmann::json const& request) {
    auto const keys = argument_keys(request);
    if (keys.empty()) return std::nullopt;
    return refusal("bad_value", keys.front() + ": unknown key (the command has no arguments)");
}

Json background_json(FinishedBackground const& background) {
    return {{"uid", background.uid}, {"id", background.id}};
}

std::string name(BackgroundUse use) {
    switch (use) {
    case BackgroundUse::latest: return "latest";
    case BackgroundUse::none: return "none";
    case BackgroundUse::off_sample: return "off_sample";
    case BackgroundUse::scan_id: break;
    }
    return "scan";
}

ControlReply background_reply(BackgroundBoard const& board) {
    BackgroundChoice const choice = board.current();
    auto const in_use = board.in_use();
    Json list = Json::array();
    for (auto const& each : board.list()) list.push_back(background_json(each));
    Json fields = {{"use", name(choice.use)}, {"configured", !board.chosen()}};
    if (choice.use == BackgroundUse::scan_id) fields["scan"] = choice.scan;
    fields["in_use"] = in_use ? background_json(*in_use) : Json(nullptr);
    fields["finished"] = std::move(list);
    return ok(std::move(fields));
}

} // namespace

Json Control::begun_json(std::string const& uid, std::string const& id) {
    return {{"scan", {{"uid", uid}, {"id", id}}}};
}

bool Control::scan_runs() const {
    Progress const progress = context_.facts().progress;
    return progress.running || !progress.open_scan.empty();
}

/// `done`: processing has obeyed; otherwise it will, behind what is queued.
ControlReply Control::order(ScanOrder order, Json said) {
    auto const done = context_.order(std::move(order));
    if (!done) return refusal("busy", "too many commands wait for the processing (it does not keep up) look at status: lag_s");
    said["done"] = *done != Obeyed::later;
    return durable_or_not(ok(std::move(said)), *done == Obeyed::durable);
}

ControlReply Control::begin(Request const& request) {
    try {
        OpenScan scan{new_uuid(), parse_announcement(arguments(request).dump(), true)};
        scan.request = request_of(request);
        Json const said = begun_json(scan.uid, scan.said.name.value_or(""));
        return order({ScanOrder::What::begin, std::move(scan)}, said);
    } catch (DataError const& error) {
        return refusal("bad_value", error.what());
    }
}

ControlReply Control::end(Request const& request) {
    if (auto refused = refused_arguments(request)) return *std::move(refused);
    if (!scan_runs()) return refusal("not_allowed", "end is not allowed now (no scan is running: reset leaves the fault)");
    return order({ScanOrder::What::end, {}, request_of(request)}, {{"scan", scan_json(context_.facts().progress.scan)}});
}

ControlReply Control::abort(Request const& request) {
    if (auto refused = refused_arguments(request)) return *std::move(refused);
    if (!scan_runs()) return refusal("not_allowed", "abort is not allowed now (no scan is running: reset leaves the fault)");
    return order({ScanOrder::What::abort, {}, request_of(request)}, {{"scan", scan_json(context_.facts().progress.scan)}});
}

ControlReply Control::reset(Request const& request) {
    if (auto refused = refused_arguments(request)) return *std::move(refused);
    return order({ScanOrder::What::reset, {}, request_of(request)}, Json::object());
}

ControlReply Control::background(Request const& request) {
    std::vector<std::string> const said = argument_keys(request);
    BackgroundBoard& board = context_.backgrounds;
    if (said.empty()) return background_reply(board);
    if (said == std::vector<std::string>{"scan"} && has_text(request, "scan")) {
        if (!board.choose_finished(request["scan"].get<std::string>()))
            return refusal("bad_value", "scan: no finished background of that uid or id (measure one: announce role background)");
        return chosen(background_reply(board));
    }
    std::string const use =
        said == std::vector<std::string>{"use"} && has_text(request, "use") ? request["use"].get<std::string>() : std::string{};
    if (use == "latest")
        board.choose(BackgroundChoice{BackgroundUse::latest, ""});
    else if (use == "none")
        board.choose(BackgroundChoice{BackgroundUse::none, ""});
    else if (use == "configured")
        board.choose(std::nullopt);
    else
        return refusal("bad_value", "say one of use (latest, none or configured) and scan (text)");
    return chosen(background_reply(board));
}

} // namespace sqd
