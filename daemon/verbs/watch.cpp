// Subscribes first, then asks for the snapshot, so that nothing falls between; then follows.
#include "daemon/verbs/watch.hpp"

#include "daemon/security/refusal_watch.hpp"
#include "daemon/verbs/control_client.hpp"
#include "daemon/verbs/steady_seconds.hpp"
#include "daemon/verbs/terminal_display.hpp"
#include "daemon/verbs/watch_line.hpp"
#include "daemon/verbs/watch_screen.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>

namespace sqd {

namespace {

using namespace std::chrono_literals;

struct WatchArguments {
    std::string results = default_results_endpoint, control = default_control_endpoint;
    KeyArguments keys;
    bool once = false, json = false, line = false;
    std::size_t until_final = 0;
    std::optional<double> timeout_s;
};

/// One watcher from connection to exit code.
class Watch {
public:
    explicit Watch(WatchArguments const& arguments)
        : arguments_(arguments), keys_(read_client_keys(arguments.keys)), results_(context_, zmq::socket_type::sub),
          refusals_(context_, results_, arguments.results, keys_.has_value()), started_s_(now_s()) {
        show_keys(results_, keys_);
        connect_to(results_, arguments.results);
        results_.set(zmq::sockopt::subscribe, "");
    }

    int operator()() {
        take_snapshot();
        if (arguments_.once) return show_once();
        if (!arguments_.json) refresh();
        while (!satisfied()) {
            if (out_of_time()) return exit_unavailable;
            refusals_.check();
            if (wait_for_message(250ms)) {
                std::vector<std::string> const parts = receive_parts(results_);
                if (parts.size() > 1) take(parts[1], arrays_of(parts));
            }
            if (!arguments_.json) refresh();
        }
        finish();
        return 0;
    }

private:
    /// Late joiners learn what was said last; the stream goes on from there. No answer is no fault: heartbeats come anyway.
    void take_snapshot() {
        auto const answer = ask_control(context_, arguments_.control, keys_, {{"command", "snapshot"}}, 1000ms);
        if (!answer || !answer->json.contains("messages") || !answer->json["messages"].is_array()) return;
        std::size_t at = 0;
        for (Json const& message : answer->json["messages"]) {
            if (at + 1 >= answer->parts.size() || !message.contains("parts") || !message["parts"].is_number_unsigned()) return;
            std::size_t const parts = message["parts"].get<std::size_t>(), end = std::min(at + parts, answer->parts.size());
            take(answer->parts[at + 1], std::span(answer->parts).subspan(std::min(at + 2, end), end - std::min(at + 2, end)), true);
            at += parts;
        }
    }

    /// Finals of the snapshot are history: `--until-final` waits for new ones.
    void take(std::string const& header_text, std::span<std::string const> arrays, bool history = false) {
        Json const header = Json::parse(header_text, nullptr, false);
        std::size_t const finals_before = state_.finals();
        if (state_.take(header, now_s()) == Heard::old) return;
        state_.take_arrays(header, arrays);
        if (history) history_finals_ = state_.finals();
        heard_any_ = true;
        if (arguments_.once) return;
        if (arguments_.json) {
            display_.print(to_text(header));
        } else if (std::string const line = final_line(header); !history && !line.empty() && line != told_) {
            display_.print(line);
            told_ = line;
        }
        if (state_.finals() > finals_before) last_final_s_ = now_s();
    }

    void refresh() {
        if (!state_.heard()) return display_.show({"waiting for a heartbeat from " + arguments_.results}, "");
        display_.show(picture(), watch_key(state_, now_s()));
    }

    /// On a terminal that has the room the screen, else the line.
    std::vector<std::string> picture() const {
        if (display_.terminal() && !arguments_.line) {
            auto screen = watch_screen(state_, now_s(), {display_.columns(), display_.color(), speaks_utf8()});
            if (screen.size() < display_.rows()) return screen;
        }
        return {watch_line(state_, now_s(), display_.color())};
    }

    /// The parts behind topic and header.
    static std::span<std::string const> arrays_of(std::vector<std::string> const& parts) { return std::span(parts).subspan(2); }

    /// The snapshot's heartbeat may be a second old, and its scan over: the state is asked for.
    int show_once() {
        auto const patience = std::chrono::milliseconds(static_cast<long>(1000 * arguments_.timeout_s.value_or(3)));
        auto const answer = ask_control(context_, arguments_.control, keys_, {{"command", "status"}}, patience);
        if (!answer) {
            std::fprintf(stderr, "sqd: %s: no answer (is the service running?) start it with sqd run\n", arguments_.control.c_str());
            return exit_unavailable;
        }
        state_.take_status(answer->json, now_s());
        display_.print(arguments_.json ? to_text(answer->json) : watch_line(state_, now_s(), display_.color()));
        return 0;
    }

    bool wait_for_message(std::chrono::milliseconds patience) {
        std::array<zmq::pollitem_t, 1> items{{{results_.handle(), 0, ZMQ_POLLIN, 0}}};
        zmq::poll(items, patience);
        return (items[0].revents & ZMQ_POLLIN) != 0;
    }

    bool satisfied() const { return arguments_.until_final > 0 && state_.finals() - history_finals_ >= arguments_.until_final; }

    bool out_of_time() const {
        if (!arguments_.timeout_s) return false;
        bool const waiting_for_more = arguments_.until_final > 0 || !heard_any_;
        return waiting_for_more && now_s() - started_s_ > *arguments_.timeout_s;
    }

    /// The kinds of one final go out together: those that are still under way are taken along.
    void finish() {
        if (arguments_.until_final == 0) return;
        while (now_s() - last_final_s_ < 1 && wait_for_message(200ms)) {
            std::vector<std::string> const parts = receive_parts(results_);
            if (parts.size() > 1) take(parts[1], arrays_of(parts));
        }
    }

    WatchArguments const& arguments_;
    std::optional<ClientKeys> keys_;
    zmq::context_t context_;
    zmq::socket_t results_;
    RefusalWatch refusals_;
    WatchState state_;
    TerminalDisplay display_;
    double started_s_, last_final_s_ = 0;
    std::size_t history_finals_ = 0;
    std::string told_; ///< the last final: sent again, it is not told again
    bool heard_any_ = false;
};

} // namespace

void add_watch(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<WatchArguments>();
    CLI::App* verb =
        app.add_subcommand("watch", "a running daemon at a glance: state, progress, q1 and FWHM with their errors, S(q), advice, alarms");
    verb->footer("Examples:\n"
                 "  sqd watch                                                   of the service on this machine\n"
                 "  sqd watch --results tcp://id13:5560 --control tcp://id13:5561 --key ~/.sqd/alice.key --server-key id13.pub\n"
                 "  sqd watch --until-final 1 --timeout 600                     in a script: wait for the result\n"
                 "  sqd watch --json | jq -c .values");
    verb->add_option("--results", arguments->results, "endpoint that results are published on")->capture_default_str();
    verb->add_option("--control", arguments->control, "endpoint that commands are answered on")->capture_default_str();
    add_key_options(*verb, arguments->keys);
    verb->add_flag("--once", arguments->once, "ask for the state, show it and exit");
    verb->add_flag("--line", arguments->line, "on a terminal, too, one line in place of the screen");
    verb->add_flag("--json", arguments->json, "print every header as a line of JSON");
    verb->add_option("--until-final", arguments->until_final, "exit after so many finals");
    verb->add_option("--timeout", arguments->timeout_s, "exit with 69 when what is waited for has not come within so many seconds")
        ->check(CLI::PositiveNumber);
    verb->callback([arguments, &run] { run = [arguments] { return Watch(*arguments)(); }; });
}

} // namespace sqd
