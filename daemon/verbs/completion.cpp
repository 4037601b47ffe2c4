#include "daemon/verbs/completion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace sqd {

namespace {

std::string joined(std::vector<std::string> const& words, char const* between = " ") {
    std::string out;
    for (std::string const& word : words) {
        if (!out.empty()) out += between;
        out += word;
    }
    return out;
}

std::string replaced(std::string text, std::string const& what, std::string const& by) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
    return text;
}

/// Inside single quotes of bash and zsh.
std::string quoted(std::string const& text) {
    return "'" + replaced(text, "'", "'\\''") + "'";
}

/// The first line, short enough for a menu.
std::string brief(std::string const& text) {
    return text.substr(0, text.find_first_of(":;("));
}

std::vector<std::string> names_of(std::vector<VerbFacts> const& verbs) {
    std::vector<std::string> out;
    for (auto const& verb : verbs) out.push_back(verb.name);
    return out;
}

std::vector<std::string> option_names(VerbFacts const& verb) {
    std::vector<std::string> out;
    for (auto const& option : verb.options) out.insert(out.end(), option.names.begin(), option.names.end());
    return out;
}

/// After an option with choices these, after `-` the options, else files (complete -o default).
std::string bash_script(std::vector<VerbFacts> const& verbs) {
    std::string out = "# bash completion of sqd, made by `sqd completion bash`\n"
                      "_sqd() {\n"
                      "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} offered=\n"
                      "    COMPREPLY=()\n"
                      "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                      "        COMPREPLY=($(compgen -W " +
                      quoted(joined(names_of(verbs)) + " --help --version") +
                      " -- \"$word\"))\n        return\n    fi\n    case \"$verb $before\" in\n";
    for (auto const& verb : verbs)
        for (auto const& option : verb.options) {
            if (option.choices.empty()) continue;
            std::vector<std::string> patterns;
            for (std::string const& name : option.names) patterns.push_back(quoted(verb.name + " " + name));
            if (!option.place.empty()) patterns.push_back(quoted(verb.name + " " + verb.name));
            out += "    " + joined(patterns, "|") + ") offered=" + quoted(joined(option.choices)) + " ;;\n";
        }
    out += "    esac\n"
           "    if [ -n \"$offered\" ]; then COMPREPLY=($(compgen -W \"$offered\" -- \"$word\")); return; fi\n"
           "    case $verb in\n";
    for (auto const& verb : verbs) out += "    " + verb.name + ") offered=" + quoted(joined(option_names(verb))) + " ;;\n";
    return out + "    esac\n"
                 "    if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$offered\" -- \"$word\")); fi\n"
                 "}\ncomplete -o default -F _sqd sqd\n";
}

std::string zsh_spec(OptionFacts const& option, std::string const& name) {
    std::string what = brief(option.what);
    for (char const* special : {"[", "]"}) what = replaced(what, special, std::string("\\") + special);
    std::string const action = option.choices.empty() ? "_files" : "(" + joined(option.choices) + ")";
    return quoted((option.several ? "*" : "") + name + "[" + what + "]" + (option.takes_value ? ":value:" + action : ""));
}

std::string zsh_script(std::vector<VerbFacts> const& verbs) {
    std::string out = "#compdef sqd\n# zsh completion of sqd, made by `sqd completion zsh`\n_sqd() {\n    local -a verbs\n    verbs=(\n";
    for (auto const& verb : verbs) out += "        " + quoted(verb.name + ":" + brief(verb.what)) + "\n";
    out += "    )\n    if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
           "    local verb=$words[2]\n    shift words; (( CURRENT-- ))\n    case $verb in\n";
    for (auto const& verb : verbs) {
        out += "    " + verb.name + ")\n        _arguments";
        std::string places = "_files";
        for (auto const& option : verb.options) {
            for (std::string const& name : option.names) out += " \\\n            " + zsh_spec(option, name);
            if (!option.place.empty() && !option.choices.empty()) places = "(" + joined(option.choices) + ")";
        }
        out += " \\\n            " + quoted("*:file:" + places) + " ;;\n";
    }
    return out + "    esac\n}\nif [ \"$funcstack[1]\" = _sqd ]; then _sqd \"$@\"; else compdef _sqd sqd; fi\n";
}

std::string fish_quoted(std::string const& text) {
    return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_option(VerbFacts const& verb, OptionFacts const& option) {
    std::string out = "complete -c sqd -n '__fish_seen_subcommand_from " + verb.name + "'";
    for (std::string const& name : option.names) out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.choices.empty())
        out += (option.names.empty() ? " -f -a " : " -x -a ") + fish_quoted(joined(option.choices));
    else if (option.takes_value)
        out += " -r";
    return out + " -d " + fish_quoted(brief(option.what)) + "\n";
}

std::string fish_script(std::vector<VerbFacts> const& verbs) {
    std::string out = "# fish completion of sqd, made by `sqd completion fish`\n";
    for (auto const& verb : verbs)
        out += "complete -c sqd -f -n __fish_use_subcommand -a " + verb.name + " -d " + fish_quoted(brief(verb.what)) + "\n";
    for (auto const& verb : verbs)
        for (auto const& option : verb.options)
            if (!option.names.empty() || !option.choices.empty()) out += fish_option(verb, option);
    return out;
}

} // namespace

std::string completion_script(std::vector<VerbFacts> const& verbs, std::string const& shell) {
    if (shell == "zsh") return zsh_script(verbs);
    return shell == "fish" ? fish_script(verbs) : bash_script(verbs);
}

void add_completion(CLI::App& app, std::function<int()>& run) {
    auto shell = std::make_shared<std::string>();
    CLI::App* verb = app.add_subcommand("completion", "a script that completes verbs and options in a shell");
    verb->footer("Examples:\n"
                 "  sqd completion bash > ~/.local/share/bash-completion/completions/sqd\n"
                 "  sqd completion zsh > ~/.zfunc/_sqd                   a folder of $fpath\n"
                 "  sqd completion fish > ~/.config/fish/completions/sqd.fish\n"
                 "The Debian package brings all three.");
    verb->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    verb->callback([shell, &run, &app] {
        run = [shell, &app] {
            std::fputs(completion_script(verb_facts(app), *shell).c_str(), stdout);
            return 0;
        };
    });
}

} // namespace sqd
