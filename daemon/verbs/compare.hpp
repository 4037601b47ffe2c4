// `sqd compare`: what differs between two archived scans, and whether counting or the mount explains it.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace sqd {

/// A sentence and a table that fit on a screen.
std::string comparison_text(ComparedResult const& a, ComparedResult const& b, Comparison const& comparison);

void add_compare(CLI::App& app, std::function<int()>& run);

} // namespace sqd
