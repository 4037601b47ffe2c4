// The table of verbs and what is made of it: help, completion, manual page. Examples are commands that the program takes.
#include "daemon/verbs/program.hpp"

#include "daemon/verbs/completion.hpp"
#include "daemon/verbs/help_text.hpp"
#include "daemon/verbs/manual.hpp"
#include "daemon/verbs/option_facts.hpp"
#include "tests/support/source_root.hpp"

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

using namespace sqd;

namespace {

struct Program {
    Program() { add_verbs(app, run); }
    CLI::App app;
    std::function<int()> run;
};

/// "sqd init --poni x | sqd check -   words" is two commands.
std::vector<std::string> commands_in(std::string const& examples) {
    std::vector<std::string> out;
    std::istringstream lines(examples);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("  sqd ")) continue;
        line = line.substr(2);
        line = line.substr(0, line.find("  "));
        for (std::size_t at = 0; at != line.npos;) {
            std::size_t const pipe = line.find(" | ", at);
            std::string command = line.substr(at, pipe == line.npos ? pipe : pipe - at);
            command = command.substr(0, command.find(" > "));
            if (command.starts_with("sqd ")) out.push_back(command);
            at = pipe == line.npos ? pipe : pipe + 3;
        }
    }
    return out;
}

/// Why a command line is refused; empty = it is taken.
std::string refusal(std::string command) {
    std::size_t const config = command.find(" config/");
    if (config != command.npos) command.replace(config + 1, 7, (test::source_root() / "config/").string());
    Program program;
    try {
        program.app.parse(command, true);
        return program.run ? "" : "does nothing";
    } catch (CLI::ParseError const& error) {
        return error.get_name() + ": " + error.what();
    }
}

/// What begins a line or a span of code; not the mere name of a verb, nor patterns such as `sqd VERB --help` and `sqd status [-c FILE]`.
std::vector<std::string> commands_of_page(char const* page) {
    std::ifstream file(test::source_root() / page);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    static std::regex const command(R"((^|\n|`)(build/release/)?(sqd [^\n`]*))"), pattern(R"([\[|]|\.\.\.| [A-Z]+( |$))");
    std::vector<std::string> out;
    for (std::sregex_iterator found(text.begin(), text.end(), command), end; found != end; ++found) {
        std::string line = (*found)[3];
        line = line.substr(0, line.find("  #"));
        line.erase(line.find_last_not_of(' ') + 1);
        if (std::count(line.begin(), line.end(), ' ') < 2 || std::regex_search(line.substr(0, line.find(" | ")), pattern)) continue;
        auto const commands = commands_in("  " + line);
        out.insert(out.end(), commands.begin(), commands.end());
    }
    return out;
}

} // namespace

TEST_CASE("every verb begins its help with examples, and each of them is taken") {
    Program program;
    auto verbs = verb_facts(program.app);
    REQUIRE(verbs.size() == 17);
    auto examples = commands_in(split_footer(program.app.get_footer()).examples);
    CHECK(examples.size() == 5);
    for (auto const& verb : verbs) {
        auto const of_verb = commands_in(verb.examples);
        CAPTURE(verb.name);
        CHECK(std::any_of(of_verb.begin(), of_verb.end(), [&](auto const& each) { return each.starts_with("sqd " + verb.name); }));
        examples.insert(examples.end(), of_verb.begin(), of_verb.end());
        std::string const help = program.app.get_subcommand(verb.name)->help("sqd " + verb.name);
        CHECK(help.find("Examples:") < help.find("Usage:"));
        CHECK(help.find("Usage: sqd " + verb.name) != help.npos);
        CHECK(help.find("  sqd " + verb.name) != help.npos);
    }
    for (std::string const& example : examples) {
        CAPTURE(example);
        CHECK(refusal(example) == "");
    }
    CHECK(refusal("sqd export --no-such-option x") != "");
}

TEST_CASE("commands that the pages show are taken") {
    for (auto const& [page, fewest] : std::vector<std::pair<char const*, std::size_t>>{{"README.md", 20},
                                                                                       {"clients/python/README.md", 2},
                                                                                       {"config/README.md", 2},
                                                                                       {"daemon/README.md", 3},
                                                                                       {"deploy/runbook.md", 5}}) {
        auto const& this_page = page;
        CAPTURE(this_page);
        auto const commands = commands_of_page(page);
        CHECK(commands.size() >= fewest);
        for (std::string const& command : commands) {
            CAPTURE(command);
            CHECK(refusal(command) == "");
        }
    }
}

TEST_CASE("help, completion and manual page know every verb, every option and every choice") {
    Program program;
    auto const verbs = verb_facts(program.app);
    std::string const page = manual_page(program.app.get_description(), split_footer(program.app.get_footer()), verbs);
    CHECK(page.starts_with(".TH SQD 1"));
    std::string const bash = completion_script(verbs, "bash"), zsh = completion_script(verbs, "zsh"),
                      fish = completion_script(verbs, "fish");
    for (auto const& verb : verbs) {
        CAPTURE(verb.name);
        CHECK(page.find(".SS sqd " + verb.name + "\n") != page.npos);
        CHECK(bash.find("    " + verb.name + ") offered=") != bash.npos);
        CHECK(zsh.find("    " + verb.name + ")\n") != zsh.npos);
        CHECK(fish.find("-a " + verb.name + " ") != fish.npos);
        REQUIRE_FALSE(verb.options.empty());
        for (auto const& option : verb.options)
            for (std::string name : option.names) {
                CAPTURE(name);
                CHECK(bash.find(name) != bash.npos);
                CHECK(zsh.find(name + "[") != zsh.npos);
                std::string const in_fish = name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
                CHECK(fish.find("__fish_seen_subcommand_from " + verb.name + "'") != fish.npos);
                CHECK(fish.find(in_fish) != fish.npos);
                for (std::size_t at = name.find('-'); at != name.npos; at = name.find('-', at + 2)) name.replace(at, 1, "\\-");
                CHECK(page.find(name) != page.npos);
            }
    }
    CHECK(bash.find("'export --format') offered='dat xy chi sq fq gr csv points report pdf'") != bash.npos);
    CHECK(fish.find("'bash zsh fish'") != fish.npos);
    for (ExitMeaning const& exit : exit_meanings()) CHECK(page.find(".B " + std::to_string(exit.code) + "\n") != page.npos);
}

TEST_CASE("a footer falls apart into examples and the rest") {
    Footer const footer = split_footer("Examples:\n  sqd a\n  sqd b\nThe rest.\n  indented");
    CHECK(footer.examples == "Examples:\n  sqd a\n  sqd b\n");
    CHECK(footer.rest == "The rest.\n  indented");
    CHECK(split_footer("Examples:\n  sqd a").examples == "Examples:\n  sqd a\n");
    CHECK(split_footer("Examples:\n  sqd a").rest.empty());
    CHECK(split_footer("words").rest == "words");
}
