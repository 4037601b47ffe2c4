#include "daemon/verbs/help.hpp"

#include "config/text.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <vector>

namespace sqd {

namespace {

std::vector<std::string> names_of_verbs(CLI::App const& app) {
    std::vector<std::string> out;
    for (CLI::App const* verb : app.get_subcommands({})) out.push_back(verb->get_name());
    return out;
}

/// App::help() would explain the verb that is running, which is `help`.
std::string help_of(CLI::App const& app, std::string const& name) {
    return app.get_formatter()->make_help(&app, name, CLI::AppFormatMode::Normal);
}

} // namespace

std::string parse_failure(CLI::App const* app, CLI::Error const& error) {
    std::string const advice = "`sqd help` lists the verbs, `sqd help VERB` explains one\n";
    auto const words = app->remaining();
    if (app->get_parent() != nullptr || !app->get_subcommands().empty()) return CLI::FailureMessage::simple(app, error);
    if (words.empty()) return "sqd: a verb is missing; " + advice;
    auto const near = nearest_name(words.front(), names_of_verbs(*app));
    std::string const kind = words.front().starts_with('-') ? "option" : "verb";
    return "sqd: no " + kind + " is called '" + printable(words.front()) + "'" + (near.empty() ? "; " : "; did you mean '" + near + "'? ") +
           advice;
}

void add_help(CLI::App& app, std::function<int()>& run) {
    auto wanted = std::make_shared<std::string>();
    auto const names = names_of_verbs(app);
    CLI::App* verb = app.add_subcommand("help", "what a verb does, with examples; without a verb all of them");
    verb->footer("Examples:\n  sqd help\n  sqd help export");
    verb->add_option("verb", *wanted, "the one to explain")->check(CLI::IsMember(names));
    verb->callback([wanted, &run, &app] {
        run = [wanted, &app] {
            std::string const text = wanted->empty() ? help_of(app, "sqd") : help_of(*app.get_subcommand(*wanted), "sqd " + *wanted);
            std::fputs(text.c_str(), stdout);
            return 0;
        };
    });
}

} // namespace sqd
