// The configurations that series of this process were and are reduced by.
#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sqd {

/// A configuration, and the hash that names it in results.
struct ConfigVersion {
    std::shared_ptr<Config const> config;
    std::string sha256; ///< of its effective text
};

/// From any thread. Remembers the newest `most`: a final waits behind fewer than that.
class ConfigVersions {
public:
    static constexpr std::size_t most = 128;

    explicit ConfigVersions(std::shared_ptr<Config const> first);

    /// The newest one, from now on.
    void add(std::shared_ptr<Config const> config);
    /// One of before: that of a scan that goes on.
    void add_earlier(std::shared_ptr<Config const> config);
    ConfigVersion current() const;
    /// Of this hash; the newest where that is not known.
    ConfigVersion of(std::string const& sha256) const;

private:
    mutable std::mutex mutex_;
    std::vector<ConfigVersion> versions_; ///< oldest first, never empty
};

} // namespace sqd
