// `sqd manual`: the manual page, from the table of verbs.
#pragma once

#include "daemon/verbs/help_text.hpp"
#include "daemon/verbs/option_facts.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sqd {

/// The page sqd(1) for man, in its macros.
std::string manual_page(std::string const& what, Footer const& footer, std::vector<VerbFacts> const& verbs);

void add_manual(CLI::App& app, std::function<int()>& run);

} // namespace sqd
