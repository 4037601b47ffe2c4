#include "daemon/verbs/program.hpp"

#include "daemon/simulate/simulate_command.hpp"
#include "daemon/verbs/check.hpp"
#include "daemon/verbs/compare.hpp"
#include "daemon/verbs/completion.hpp"
#include "daemon/verbs/control.hpp"
#include "daemon/verbs/decode.hpp"
#include "daemon/verbs/export.hpp"
#include "daemon/verbs/help.hpp"
#include "daemon/verbs/help_text.hpp"
#include "daemon/verbs/init.hpp"
#include "daemon/verbs/keygen.hpp"
#include "daemon/verbs/manual.hpp"
#include "daemon/verbs/reduce.hpp"
#include "daemon/verbs/replay.hpp"
#include "daemon/verbs/run.hpp"
#include "daemon/verbs/status.hpp"
#include "daemon/verbs/version.hpp"
#include "daemon/verbs/watch.hpp"

#include <CLI/CLI.hpp>

#include <array>

namespace sqd {

namespace {

struct Verb {
    void (*add)(CLI::App&, std::function<int()>&);
    char const* group;
};

constexpr char const *set_up = "Set up", *measure = "Measure", *files = "Files", *about = "About";

constexpr std::array verbs{Verb{add_init, set_up},   Verb{add_check, set_up},     Verb{add_keygen, set_up},   Verb{add_run, measure},
                           Verb{add_watch, measure}, Verb{add_status, measure},   Verb{add_control, measure}, Verb{add_simulate, measure},
                           Verb{add_replay, files},  Verb{add_reduce, files},     Verb{add_export, files},    Verb{add_compare, files},
                           Verb{add_decode, files},  Verb{add_completion, about}, Verb{add_manual, about},    Verb{add_version, about},
                           Verb{add_help, about}};

constexpr std::array meanings{ExitMeaning{0, "done"},
                              ExitMeaning{exit_failed, "failed, or refused by the service"},
                              ExitMeaning{exit_usage, "the command line is not understood"},
                              ExitMeaning{exit_data, "bad data"},
                              ExitMeaning{exit_input, "a file is not there or cannot be read"},
                              ExitMeaning{exit_no_answer, "no answer from the stream or the service, or not let in"},
                              ExitMeaning{exit_output, "writing failed"},
                              ExitMeaning{exit_config, "the configuration is wrong"},
                              ExitMeaning{130, "interrupted by Ctrl-C"},
                              ExitMeaning{143, "interrupted by SIGTERM, at the second one"}};

} // namespace

std::span<ExitMeaning const> exit_meanings() {
    return meanings;
}

void add_verbs(CLI::App& app, std::function<int()>& run) {
    app.description("sqd: S(q), its first sharp diffraction peak and G(r), live from a detector's stream");
    app.name("sqd");
    app.formatter(examples_first()); // verbs take over what is set before them
    app.require_subcommand(1);
    app.failure_message(parse_failure);
    app.set_version_flag("--version", "sqd " SQD_VERSION, "print the version; of libraries too: sqd version");
    app.footer("Examples:\n"
               "  sqd init --poni detector.poni -o station.yaml     a configuration from your calibration\n"
               "  sqd check station.yaml                            what would it do, and why (not)?\n"
               "  sqd run -c station.yaml                           frames in; S(q), q1 and G(r) out, and into the archive\n"
               "  sqd watch                                         in another terminal: progress, q1 with its error, alarms\n"
               "  sqd export archive/ -o results                    .gr .sq .dat and a page of every scan\n"
               "`sqd help VERB` begins with examples, too.");
    for (Verb const& verb : verbs) {
        std::size_t const before = app.get_subcommands({}).size();
        verb.add(app, run);
        app.get_subcommands({}).at(before)->group(verb.group);
    }
}

} // namespace sqd
