#include "daemon/run/earlier_config.hpp"

#include "daemon/run/hashes.hpp"
#include "daemon/run/reload.hpp"

namespace sqd {

EarlierConfig earlier_config(Config const& now, std::string const& id, std::string const& yaml,
                             std::function<Config(std::string const& yaml)> const& parse) {
    if (id == sha256_hex(now.effective_yaml)) return {};
    if (id != sha256_hex(yaml)) return {nullptr, "it was begun with another configuration, which was not written down"};
    Reload const back = reload(now, now.effective_yaml, [&] { return parse(yaml); });
    if (!back.fixed.empty()) return {nullptr, "it was begun with another configuration, of other " + listed(back.fixed)};
    if (!back.refused.empty()) return {nullptr, "it was begun with another configuration, which cannot be read again: " + back.refused};
    if (back.changed.empty()) return {}; // written by a program that echoed it otherwise
    return {back.config, {}};
}

} // namespace sqd
