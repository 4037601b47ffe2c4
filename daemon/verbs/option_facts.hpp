// What the table of verbs says of each option, in plain values.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sqd {

struct OptionFacts {
    std::vector<std::string> names; ///< as typed: "-c", "--config"; empty = by its place alone
    std::string place;              ///< name of what stands at its place; empty = by its names alone
    std::string what, by_default;   ///< description; default value, empty = none or not said
    std::vector<std::string> choices;
    bool takes_value = true, required = false, several = false;
};

struct VerbFacts {
    std::string name, group, what, examples, notes;
    std::vector<OptionFacts> options;
};

/// All verbs, in the order of the help.
std::vector<VerbFacts> verb_facts(CLI::App const& app);

} // namespace sqd
