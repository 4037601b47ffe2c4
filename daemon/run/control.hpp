// The control commands: JSON in, JSON out. No socket here.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/run/reference_board.hpp"
#include "daemon/run/status_board.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// Latest message of each topic, for those who join late.
using LatestMessages = std::map<std::string, WireMessage>;

/// What commands look at and act on; outlives the control.
struct ControlContext {
    Speaker speaker;
    std::string effective_config, config_sha256, config_file;
    AnnouncementBoard& announcements;
    ReferenceBoard& references;
    std::function<ComparedResult(std::string const& name)> read_archived; ///< throws what read_archived() does
    AlarmBoard& alarms;
    Counters const& counters;
    StatusBoard const& status;
    Clock const& clock;
    Sequence const& sequence;
    LatestMessages const& latest;
    std::function<std::size_t()> queue_high_water; ///< bytes
    std::function<void()> request_shutdown;
    double started_s = 0;
    /// Text and hash after the configuration was read again; empty = those above.
    std::function<std::pair<std::string, std::string>()> reloaded_config = {};
};

/// A reply; `messages` follow it as further parts (snapshot): topic, header, arrays of each.
struct ControlReply {
    Json json;
    std::vector<WireMessage const*> messages;
};

/// Called from one thread.
class Control {
public:
    explicit Control(ControlContext context) : context_(std::move(context)) {}
    /// Never throws for what a client sent: `{"id":1,"ok":false,"error":{"code":"...","message":"..."}}`. Texts nested deeper than
    /// max_json_depth, an `id` of more than 256 and a `request` of more than 64 bytes are refused (bad_request).
    ControlReply operator()(std::string const& request);
    /// The body of a heartbeat: state, reason, phase, alarms, counters, scan, frames, rate, ETA, latest seq per topic.
    Json status() const;

private:
    /// Sorted, not ordered: an ordered object looks for each of its keys one by one, which a client could make last.
    using Request = nlohmann::json;
    using Handler = ControlReply (Control::*)(Request const&);
    struct Command {
        char const* name;
        char const* meaning;
        Handler handler;
    };
    static std::vector<Command> const& commands();
    ControlReply reply_to(Request const& request);
    ControlReply act(std::string const& command, Request const& request);
    void remember(std::string const& key, Json const& reply);
    ControlReply ping(Request const& request);
    ControlReply full_status(Request const& request);
    ControlReply config(Request const& request);
    ControlReply describe(Request const& request);
    ControlReply announce(Request const& request);
    ControlReply reference(Request const& request);
    ControlReply snapshot(Request const& request);
    ControlReply acknowledge(Request const& request);
    ControlReply shutdown(Request const& request);

    ControlContext context_;
    std::map<std::string, Json> answered_; ///< replies by `request` UUID, so that a repeated command acts once
    std::vector<std::string> answered_order_;
};

} // namespace sqd
