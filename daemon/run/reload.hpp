// A configuration that is read again while the service runs: taken over whole, or not at all.
#pragma once

#include "config/config.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// What became of reading it again.
struct Reload {
    std::shared_ptr<Config const> config; ///< to reduce by from the next series on; null: everything stays
    std::vector<std::string> changed;     ///< dotted keys; empty and no refusal: nothing had changed
    std::string refused;                  ///< one sentence why not; empty = it is not refused
    std::vector<std::string> fixed;       ///< of a refusal: keys and files that a running service cannot change
};

/// With commas between.
std::string listed(std::vector<std::string> const& keys);

/// `load` reads it and throws what load_config() does. Refused: a file that is wrong, a change of a key that needs a restart (all changes
/// then: what is reduced must be one configuration that was checked as a whole), other contents of the files behind geometry and mask.
/// `start` is the one that the service began with, `current_yaml` the effective text that applies now. What is returned has no mask: that
/// of the start is the same, and so is its flat field, which is shared.
Reload reload(Config const& start, std::string const& current_yaml, std::function<Config()> const& load);

} // namespace sqd
