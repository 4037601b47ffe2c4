// The metrics in Prometheus' text format, version 0.0.4. daemon/README.md lists them.
#pragma once

#include "daemon/web/web_facts.hpp"

#include <string>

namespace sqd {

/// Every family once, with HELP and TYPE. Numbers are those of the latest heartbeat, at most a second old, and what this process is now.
std::string metrics_text(WebFacts const& facts);

/// As it stands between the quotes of a label: backslash, quote and line break escaped.
std::string label_text(std::string const& value);

} // namespace sqd
