#include "daemon/verbs/manual.hpp"

#include "daemon/verbs/program.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace sqd {

namespace {

/// Text as it is: `\` and `-` mean themselves, and no line begins a request.
std::string plain(std::string const& text) {
    std::string out;
    bool line_begins = true;
    for (char const c : text) {
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        line_begins = c == '\n';
    }
    return out;
}

/// Lines that stay as they are.
std::string verbatim(std::string const& text) {
    return text.empty() ? "" : ".EX\n" + plain(text) + (text.back() == '\n' ? "" : "\n") + ".EE\n";
}

/// Without their heading and indentation.
std::string example_lines(std::string const& examples) {
    std::string out;
    for (std::size_t at = examples.find('\n') + 1; at != 0 && at < examples.size(); at = examples.find('\n', at) + 1)
        out += examples.substr(at + 2, examples.find('\n', at) - at - 1);
    return out;
}

std::string option_text(OptionFacts const& option) {
    std::string names;
    for (std::string const& name : option.names) names += (names.empty() ? "" : ", ") + name;
    if (!option.place.empty()) names += (names.empty() ? "" : ", ") + option.place;
    std::string out = ".TP\n.B " + plain(names);
    if (option.several) out += " ...";
    out += "\n" + plain(option.what);
    if (!option.choices.empty()) {
        std::string words;
        for (std::string const& choice : option.choices) words += (words.empty() ? "" : ", ") + choice;
        out += " (" + plain(words) + ")";
    }
    if (!option.by_default.empty()) out += " [" + plain(option.by_default) + "]";
    if (option.required) out += "; required";
    return out + "\n";
}

std::string verb_text(VerbFacts const& verb) {
    std::string out = ".SS sqd " + plain(verb.name) + "\n" + plain(verb.what) + "\n.PP\n" + verbatim(example_lines(verb.examples));
    for (OptionFacts const& option : verb.options) out += option_text(option);
    return verb.notes.empty() ? out : out + ".PP\n" + verbatim(verb.notes);
}

} // namespace

std::string manual_page(std::string const& what, Footer const& footer, std::vector<VerbFacts> const& verbs) {
    std::string out =
        ".TH SQD 1 \"\" \"sqd " SQD_VERSION "\" \"User Commands\"\n.SH NAME\nsqd \\- " + plain(what.substr(what.find(' ') + 1)) +
        "\n.SH SYNOPSIS\n.B sqd\n.I verb\n[\\fIoptions\\fR]\n.SH DESCRIPTION\n"
        "Listens to an X\\-ray detector, averages a scan while it runs, subtracts its background, integrates, and publishes and\n"
        "archives I(q), S(q), the first sharp diffraction peak and G(r), each with its uncertainty.\n.SH EXAMPLES\n";
    out += verbatim(example_lines(footer.examples)) + ".SH VERBS\n";
    for (VerbFacts const& verb : verbs) out += verb_text(verb);
    out += ".SH EXIT STATUS\n";
    for (ExitMeaning const& exit : exit_meanings()) out += ".TP\n.B " + std::to_string(exit.code) + "\n" + plain(exit.means) + "\n";
    return out + ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nIf it is set and not empty, nothing is coloured.\n"
                 ".SH FILES\n.TP\n.I /etc/sqd/INSTANCE.yaml\nthe configuration of the service sqd@INSTANCE\n.TP\n.I /usr/share/doc/sqd/\n"
                 "documentation, runbook and configurations of stations\n";
}

void add_manual(CLI::App& app, std::function<int()>& run) {
    CLI::App* verb = app.add_subcommand("manual", "the manual page, for man");
    verb->footer("Examples:\n"
                 "  sqd manual | man -l -\n"
                 "  sqd manual > ~/.local/share/man/man1/sqd.1\n"
                 "The Debian package brings it: man sqd.");
    verb->callback([&run, &app] {
        run = [&app] {
            std::fputs(manual_page(app.get_description(), split_footer(app.get_footer()), verb_facts(app)).c_str(), stdout);
            return 0;
        };
    });
}

} // namespace sqd
