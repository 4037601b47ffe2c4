// key=value to JSON, one request, one reply.
#include "daemon/verbs/control.hpp"

#include "daemon/verbs/control_client.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace sqd {

namespace {

struct ControlArguments {
    std::string command, control = default_control_endpoint, request;
    std::vector<std::string> pairs;
    KeyArguments keys;
    double timeout_s = 3;
    bool json = false;
};

/// A line for each key of a reply; objects and lists as they stand in the JSON.
std::string reply_text(Json const& reply) {
    std::string out;
    for (auto const& [key, value] : reply.items()) {
        if (key == "id" || key == "ok") continue;
        out += labelled_line(printable(key), printable(value.is_string() ? value.get<std::string>() : to_text(value)));
    }
    return out.empty() ? "ok\n" : out;
}

int control_command(ControlArguments const& arguments) {
    constexpr int refused = 1, usage = 64;
    Json request;
    try {
        request = control_request(arguments.command, arguments.pairs);
    } catch (std::invalid_argument const& error) {
        std::fprintf(stderr, "sqd: %s\n", error.what());
        return usage;
    }
    if (!arguments.request.empty()) request["request"] = arguments.request;
    zmq::context_t context;
    auto const patience = std::chrono::milliseconds(static_cast<long>(arguments.timeout_s * 1000));
    auto const answer = ask_control(context, arguments.control, read_client_keys(arguments.keys), request, patience);
    if (!answer) {
        std::fprintf(stderr, "sqd: %s: no answer (is the service running?) start it with sqd run\n", arguments.control.c_str());
        return exit_unavailable;
    }
    bool const ok = answer->json.value("ok", Json(false)) == true;
    if (arguments.json) {
        std::printf("%s\n", to_text(answer->json).c_str());
    } else if (ok) {
        std::fputs(reply_text(answer->json).c_str(), stdout);
    } else {
        Json const error = answer->json.value("error", Json::object());
        bool const in_words = error.is_object() && error.contains("message") && error.at("message").is_string();
        std::fprintf(stderr, "sqd: %s\n", printable(in_words ? error.at("message").get<std::string>() : to_text(error)).c_str());
    }
    return ok ? 0 : refused;
}

} // namespace

Json control_request(std::string const& command, std::vector<std::string> const& arguments) {
    Json out = {{"command", command}};
    for (std::string const& argument : arguments) {
        std::size_t const equals = argument.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw std::invalid_argument(printable(argument) + ": not key=value (write name=air, points=1800, grid=[30,60])");
        std::string const text = argument.substr(equals + 1);
        Json value = Json::parse(text, nullptr, false);
        if (value.is_discarded()) value = text;
        std::string path = "/" + argument.substr(0, equals);
        for (char& letter : path)
            if (letter == '.') letter = '/';
        try {
            out[Json::json_pointer(path)] = std::move(value);
        } catch (Json::exception const&) { // a.b after a=7, or a key with ~
            throw std::invalid_argument(printable(argument) + ": does not fit the keys before it");
        }
    }
    return out;
}

void add_control(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<ControlArguments>();
    CLI::App* verb =
        app.add_subcommand("control", "one command to a running daemon: announce, begin, end, abort, background, history, ...");
    verb->footer("Examples:\n"
                 "  sqd control announce role=background name=air\n"
                 "  sqd control begin name=vit4_643K sample.thickness_um=30 points=1800 grid=[30,60]\n"
                 "  sqd control end\n"
                 "  sqd control background scan=air\n"
                 "  sqd control acknowledge alarm=frames_missing\n"
                 "  sqd control history --json\n"
                 "  sqd control describe                        (all commands, and the states they are allowed in)\n"
                 "Exit codes: 0 done, 1 refused (the reason on standard error), 64 usage, 69 no answer.");
    verb->add_option("command", arguments->command, "what to do")->required();
    verb->add_option("arguments", arguments->pairs,
                     "key=value; numbers, true, false, [..] and {..} as in JSON; a.b=1 is {\"a\": {\"b\": 1}}");
    verb->add_option("--control", arguments->control, "endpoint that commands are answered on")->capture_default_str();
    add_key_options(*verb, arguments->keys);
    verb->add_option("--request", arguments->request, "a UUID: sent again with the same one, the command acts once");
    verb->add_option("--timeout", arguments->timeout_s, "wait so many seconds for the answer")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    verb->add_flag("--json", arguments->json, "print the answer as JSON, also when refused");
    verb->callback([arguments, &run] { run = [arguments] { return control_command(*arguments); }; });
}

} // namespace sqd
