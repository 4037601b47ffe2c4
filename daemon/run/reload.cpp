#include "daemon/run/reload.hpp"

#include "config/changed_keys.hpp"
#include "daemon/run/correction_names.hpp"

#include <exception>
#include <utility>

namespace sqd {

std::string listed(std::vector<std::string> const& keys) {
    std::string out;
    for (auto const& key : keys) out += (out.empty() ? "" : ", ") + key;
    return out;
}

namespace {

std::string flat_hash(Config const& config) {
    return config.integration.flat ? flat_sha256(*config.integration.flat) : std::string{};
}

/// Files that are named as before and hold something else.
std::vector<std::string> changed_files(Config const& before, Config const& now) {
    std::vector<std::string> out;
    if (!(before.geometry == now.geometry)) out.emplace_back("geometry (its file)");
    if (!(before.mask == now.mask)) out.emplace_back("mask (its files)");
    if (flat_hash(before) != flat_hash(now)) out.emplace_back("corrections.flat (its file)");
    return out;
}

Reload refusal(std::string why, std::vector<std::string> fixed = {}) {
    return {nullptr, {}, std::move(why), std::move(fixed)};
}

} // namespace

Reload reload(Config const& start, std::string const& current_yaml, std::function<Config()> const& load) {
    Config fresh;
    try {
        fresh = load();
    } catch (std::exception const& error) {
        return refusal(std::string("the configuration stays as it was: ") + error.what());
    }
    std::vector<std::string> changed = changed_keys(current_yaml, fresh.effective_yaml), fixed;
    for (auto const& key : changed) {
        if (!applies_to_next_series(key)) fixed.push_back(key);
    }
    if (fixed.empty()) fixed = changed_files(start, fresh);
    if (!fixed.empty())
        return refusal("the configuration stays as it was (a change of " + listed(fixed) + " needs a restart) restart, or take it back",
                       fixed);
    fresh.mask = {};
    fresh.integration.flat = start.integration.flat;
    return {std::make_shared<Config const>(std::move(fresh)), std::move(changed), {}, {}};
}

} // namespace sqd
