// The control commands: JSON in, JSON out. No socket here.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/publish/sent_messages.hpp"
#include "daemon/run/background_board.hpp"
#include "daemon/run/final_history.hpp"
#include "daemon/run/reference_board.hpp"
#include "daemon/run/service_state.hpp"
#include "daemon/security/asker.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"
#include "pipeline/stream/scan_orders.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// Who is connected, and who was since the start.
struct ClientCounts {
    std::size_t results = 0, control = 0; ///< connections now
    std::uint64_t gone = 0, refused = 0;  ///< ended; did not speak ZeroMQ or were not let in
};

/// A scan that a command began before a restart and that is open still, or that a command ended.
struct ScanBefore {
    std::string request; ///< UUID of the command, empty = it had none
    std::string uid, id; ///< as the command was answered
};

/// What commands look at and act on; outlives the control.
struct ControlContext {
    Speaker speaker;
    std::string effective_config, config_sha256, config_file;
    AnnouncementBoard& announcements;
    ReferenceBoard& references;
    BackgroundBoard& backgrounds;
    std::function<ComparedResult(std::string const& name)> read_archived; ///< throws what read_archived() does
    AlarmBoard& alarms;
    Counters const& counters;
    std::function<ServiceFacts()> facts;
    std::function<std::optional<Obeyed>(ScanOrder)> order; ///< ScanOrders::give
    Clock const& clock;
    Sequence const& sequence;
    SentMessages const& sent;
    FinalHistory const& finals;
    ClientCounts const& clients;
    std::function<std::size_t()> queue_high_water; ///< bytes
    std::function<void()> request_shutdown;
    double started_s = 0;
    /// Text and hash after the configuration was read again; empty = those above.
    std::function<std::pair<std::string, std::string>()> reloaded_config = {};
    /// A client asked for more than it may; may be empty.
    std::function<void(Asker const&, std::string const& command)> command_refused = {};
    std::vector<ScanBefore> scans_before = {};      ///< a command that is repeated over a restart acts once
    std::vector<std::string> announced_before = {}; ///< `request` of announcements that are pending still
    std::function<bool()> choices_are_kept = {};    ///< ChoiceKeeper::keep; empty: a restart knows nothing of them
    std::chrono::milliseconds patience{400};        ///< with the series that runs, for it to take an announcement
};

/// A reply; `messages` follow it as further parts (snapshot, history): topic, header, arrays of each.
struct ControlReply {
    Json json;
    std::vector<SentPtr> messages;
};

/// What a client may ask for.
struct CommandRule {
    std::string name;
    bool changes; ///< the measurement or the service, not only what the client knows
    std::vector<State> allowed;
};

/// Called from one thread.
class Control {
public:
    explicit Control(ControlContext context);
    /// Never throws for what a client sent: `{"id":1,"ok":false,"error":{"code":"...","message":"..."}}`. Texts nested deeper than
    /// max_json_depth, an `id` of more than 256 and a `request` of more than 64 bytes are refused (bad_request).
    ControlReply operator()(std::string const& request, Asker const& asker = {});
    /// The body of a heartbeat: state, reason, phase, alarms, counters, scan, frames, rate, ETA, latest seq per topic.
    Json status() const;
    /// All commands, and the states they are allowed in; `stopping` allows those that change nothing, and shutdown.
    static std::vector<CommandRule> rules();

private:
    /// Sorted, not ordered: an ordered object looks for each of its keys one by one, which a client could make last.
    using Request = nlohmann::json;
    using Handler = ControlReply (Control::*)(Request const&);
    enum class Effect { none, changes, with_arguments }; ///< on the measurement or the service; without arguments the last only asks
    struct Command {
        char const* name;
        Effect effect;
        unsigned allowed; ///< bits of State
        char const* meaning;
        Handler handler;
    };
    static std::vector<Command> const& commands();
    ControlReply reply_to(Request const& request, Asker const& asker);
    ControlReply act(std::string const& command, Request const& request, std::string const& key);
    std::optional<std::string> why_not(Command const& command, Request const& request) const;
    static std::optional<std::string> why_not_for(Asker const& asker, Command const* command, Request const& request);
    static Command const* find_command(std::string const& name);
    static bool changes(Command const& command, Request const& request);
    ControlReply order(ScanOrder order, Json said);
    ControlReply chosen(ControlReply reply) const;
    static Json begun_json(std::string const& uid, std::string const& id);
    bool scan_runs() const;
    std::vector<RememberedFinal> finals_of_now() const;
    void put_scan(Json& out, Progress const& progress, double now_s) const;
    void remember(std::string const& key, Json const& reply);
    ControlReply ping(Request const& request);
    ControlReply full_status(Request const& request);
    ControlReply config(Request const& request);
    ControlReply describe(Request const& request);
    ControlReply announce(Request const& request);
    ControlReply begin(Request const& request);
    ControlReply end(Request const& request);
    ControlReply abort(Request const& request);
    ControlReply reset(Request const& request);
    ControlReply background(Request const& request);
    ControlReply reference(Request const& request);
    ControlReply snapshot(Request const& request);
    ControlReply history(Request const& request);
    ControlReply acknowledge(Request const& request);
    ControlReply shutdown(Request const& request);

    ControlContext context_;
    std::map<std::string, Json> answered_; ///< replies by `request` UUID, so that a repeated command acts once
    std::vector<std::string> answered_order_;
};

} // namespace sqd
