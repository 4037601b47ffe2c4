// Replies and arguments of control commands.
#pragma once

#include "daemon/run/control.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sqd {

/// `{"ok":false,"error":{"code":...,"message":...}}`, the message cut at 1 KiB: a client's own words may be in it.
ControlReply refusal(char const* code, std::string const& message);
ControlReply ok(Json fields = Json::object());

/// The reply with `durable`, whether a restart knows what was done; where not, `warning` says so in words.
ControlReply durable_or_not(ControlReply reply, bool durable);

bool has_text(nlohmann::json const& object, char const* key);
/// UUID of the command, empty = it has none.
std::string request_of(nlohmann::json const& request);
/// Keys that every request may carry: id, command, request.
bool is_envelope(std::string const& key);
/// The other keys, sorted.
std::vector<std::string> argument_keys(nlohmann::json const& request);
/// Those keys with their values.
nlohmann::json arguments(nlohmann::json const& request);

} // namespace sqd
