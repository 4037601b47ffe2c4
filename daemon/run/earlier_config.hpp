// The configuration that a scan of before a restart was begun with.
#pragma once

#include "config/config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sqd {

struct EarlierConfig {
    std::shared_ptr<Config const> config; ///< null: the present one serves, or none does
    std::string unusable;                 ///< why a scan cannot go on under it; empty = it can
};

/// `id`: hash of its effective text, `yaml` that text, empty where it was not written down. It can be used where `now` could take it over
/// while it runs (reload()): then counts and bins of before and after are the same, and what is made of them is as it was begun. `parse`
/// reads a text and throws what parse_config() does.
EarlierConfig earlier_config(Config const& now, std::string const& id, std::string const& yaml,
                             std::function<Config(std::string const& yaml)> const& parse);

} // namespace sqd
