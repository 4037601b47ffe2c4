#include "daemon/verbs/option_facts.hpp"

#include "daemon/verbs/help_text.hpp"

#include <CLI/CLI.hpp>

namespace sqd {

namespace {

/// CLI11 keeps them in the name of the type: "TEXT:{dat,xy}", of pairs "{all->2,none->0}".
std::vector<std::string> choices_in(std::string const& type) {
    std::size_t const open = type.find('{'), close = type.rfind('}');
    std::vector<std::string> out;
    if (open == type.npos || close == type.npos) return out;
    for (std::size_t at = open + 1; at < close;) {
        std::size_t const end = std::min(type.find(',', at), close);
        std::string const word = type.substr(at, end - at);
        out.push_back(word.substr(0, word.find("->")));
        at = end + 1;
    }
    return out;
}

OptionFacts facts_of(CLI::Option const& option) {
    OptionFacts out;
    for (std::string const& name : option.get_snames()) out.names.push_back("-" + name);
    for (std::string const& name : option.get_lnames()) out.names.push_back("--" + name);
    if (option.get_positional()) out.place = option.get_name(true, false);
    out.what = option.get_description(), out.by_default = option.get_default_str();
    out.choices = choices_in(option.get_type_name());
    out.takes_value = option.get_type_size() != 0;
    out.required = option.get_required();
    out.several = option.get_expected_max() > 1;
    return out;
}

} // namespace

std::vector<VerbFacts> verb_facts(CLI::App const& app) {
    std::vector<VerbFacts> out;
    for (CLI::App const* verb : app.get_subcommands({})) {
        Footer footer = split_footer(verb->get_footer());
        VerbFacts facts{verb->get_name(),           verb->get_group(),      verb->get_description(),
                        std::move(footer.examples), std::move(footer.rest), {}};
        for (CLI::Option const* option : verb->get_options({})) facts.options.push_back(facts_of(*option));
        out.push_back(std::move(facts));
    }
    return out;
}

} // namespace sqd
