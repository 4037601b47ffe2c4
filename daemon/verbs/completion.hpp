// `sqd completion SHELL`: what a shell offers after Tab, from the table of verbs.
#pragma once

#include "daemon/verbs/option_facts.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sqd {

/// A script for "bash", "zsh" or "fish".
std::string completion_script(std::vector<VerbFacts> const& verbs, std::string const& shell);

void add_completion(CLI::App& app, std::function<int()>& run);

} // namespace sqd
