// One request, printed.
#include "daemon/verbs/status.hpp"

#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/verbs/control_client.hpp"
#include "daemon/verbs/status_report.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace sqd {

namespace {

struct StatusArguments {
    std::string control = default_control_endpoint;
    KeyArguments keys;
    double timeout_s = 3;
    bool json = false;
    bool report = false;
    std::string config; ///< of the report where no service answers
};

/// As it stands in the JSON; text without its quotes.
std::string plain(Json const& value) {
    return printable(value.is_string() ? value.get<std::string>() : to_text(value));
}

/// Whether its cause goes on, and whether somebody knows.
std::string alarm_label(Json const& alarm) {
    if (alarm.value("active", Json(true)) == false) return "alarm (was)";
    return alarm.value("acknowledged", Json(false)) == true ? "alarm (ack)" : "alarm";
}

std::string alarm_lines(Json const& alarms) {
    std::string out;
    for (Json const& alarm : alarms) {
        if (!alarm.is_object()) continue;
        out += labelled_line(alarm_label(alarm), plain(alarm.value("name", Json(""))) + ": " + plain(alarm.value("message", Json(""))));
    }
    return out;
}

/// "key value" of the numbers that are not 0.
std::string numbers(Json const& object) {
    std::string out;
    for (auto const& [key, value] : object.items()) {
        if (value.is_number() && value != 0) out += (out.empty() ? "" : ", ") + key + " " + to_text(value);
    }
    return out.empty() ? "none" : out;
}

std::optional<Json> reply_to(zmq::context_t& context, StatusArguments const& arguments, char const* command) {
    auto const patience = std::chrono::milliseconds(static_cast<long>(arguments.timeout_s * 1000));
    auto answer = ask_control(context, arguments.control, read_client_keys(arguments.keys), {{"command", command}}, patience);
    return answer ? std::optional(std::move(answer->json)) : std::nullopt;
}

/// It works with a service and without: whoever writes it has trouble already.
int report_command(StatusArguments const& arguments) {
    zmq::context_t context;
    ReportSources sources;
    sources.control = arguments.control;
    sources.config_file = arguments.config;
    try {
        sources.status = reply_to(context, arguments, "status");
        if (sources.status) sources.config = reply_to(context, arguments, "config");
    } catch (std::exception const& error) { // a service that does not let us in, keys that cannot be read
        sources.status_problem = error.what();
    }
    if (!arguments.config.empty()) {
        try {
            sources.config_yaml = load_config(arguments.config, read_mask_image, read_number_image).effective_yaml;
        } catch (std::exception const& error) {
            sources.config_problem = error.what();
        }
    }
    if (sources.config) sources.config_yaml = sources.config->value("yaml", std::string{});
    std::fputs(report_text(sources).c_str(), stdout);
    return 0;
}

int status_command(StatusArguments const& arguments) {
    if (arguments.report) return report_command(arguments);
    zmq::context_t context;
    auto const answer = reply_to(context, arguments, "status");
    if (!answer) {
        std::fprintf(stderr, "sqd: %s: no answer (is the service running?) start it with sqd run\n", arguments.control.c_str());
        return exit_unavailable;
    }
    if (arguments.json) {
        std::printf("%s\n", to_text(*answer).c_str());
    } else {
        std::fputs(status_text(*answer).c_str(), stdout);
    }
    return answer->value("ok", Json(false)) == true ? 0 : 1;
}

} // namespace

std::string status_text(Json const& reply) {
    std::string out;
    for (char const* key : {"instance", "version", "state", "phase", "reason"})
        if (reply.contains(key)) out += labelled_line(key, plain(reply.at(key)));
    if (reply.contains("error")) out += labelled_line("error", plain(reply.at("error")));
    if (reply.contains("scan") && reply.at("scan").contains("id")) out += labelled_line("scan", plain(reply.at("scan").at("id")));
    if (reply.contains("frames")) out += labelled_line("frames", numbers(reply.at("frames")));
    if (reply.contains("background") && reply.at("background").is_object())
        out += labelled_line("background", plain(reply.at("background").value("id", Json(""))));
    if (reply.contains("reference") && reply.at("reference").is_object())
        out += labelled_line("reference", plain(reply.at("reference").value("id", Json(""))));
    if (reply.contains("alarms")) out += alarm_lines(reply.at("alarms"));
    if (reply.contains("lag_s") && reply.at("lag_s").is_number() && reply.at("lag_s").get<double>() >= 1)
        out += labelled_line("lag", plain(reply.at("lag_s")) + " s");
    if (reply.contains("clients") && reply.at("clients").is_object()) out += labelled_line("clients", numbers(reply.at("clients")));
    if (reply.contains("counters")) out += labelled_line("counters", numbers(reply.at("counters")));
    return out;
}

void add_status(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<StatusArguments>();
    CLI::App* verb = app.add_subcommand("status", "ask a running daemon for its state, alarms and counters");
    verb->footer("Examples:\n"
                 "  sqd status\n"
                 "  sqd status --control tcp://id13:5561 --key ~/.sqd/alice.key --server-key id13.pub --json\n"
                 "  sqd status --report -c station.yaml > report.txt");
    verb->add_option("--control", arguments->control, "endpoint that commands are answered on")->capture_default_str();
    add_key_options(*verb, arguments->keys);
    verb->add_option("--timeout", arguments->timeout_s, "wait so many seconds for the answer")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    verb->add_flag("--report", arguments->report, "one text for a bug report: version, machine, status, configuration, archive, log");
    verb->add_option("-c,--config", arguments->config, "of the report: the configuration where no service answers");
    verb->add_flag("--json", arguments->json, "print the answer as JSON");
    verb->callback([arguments, &run] { run = [arguments] { return status_command(*arguments); }; });
}

} // namespace sqd
