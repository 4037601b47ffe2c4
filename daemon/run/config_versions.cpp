#include "daemon/run/config_versions.hpp"

#include "daemon/run/hashes.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

ConfigVersions::ConfigVersions(std::shared_ptr<Config const> first) {
    add(std::move(first));
}

void ConfigVersions::add(std::shared_ptr<Config const> config) {
    std::string sha256 = sha256_hex(config->effective_yaml);
    std::lock_guard const lock(mutex_);
    std::erase_if(versions_, [&](ConfigVersion const& version) { return version.sha256 == sha256; });
    versions_.push_back({std::move(config), std::move(sha256)});
    if (versions_.size() > most) versions_.erase(versions_.begin());
}

void ConfigVersions::add_earlier(std::shared_ptr<Config const> config) {
    std::string sha256 = sha256_hex(config->effective_yaml);
    std::lock_guard const lock(mutex_);
    versions_.insert(versions_.end() - 1, {std::move(config), std::move(sha256)});
}

ConfigVersion ConfigVersions::current() const {
    std::lock_guard const lock(mutex_);
    return versions_.back();
}

ConfigVersion ConfigVersions::of(std::string const& sha256) const {
    std::lock_guard const lock(mutex_);
    auto const found =
        std::find_if(versions_.begin(), versions_.end(), [&](ConfigVersion const& version) { return version.sha256 == sha256; });
    return found != versions_.end() ? *found : versions_.back();
}

} // namespace sqd
