#include "config/changed_keys.hpp"

#include "config/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace sqd {
namespace {

/// A value as one text; the line it stands on is no part of it.
std::string text_of(YamlNode const& node) {
    if (node.kind == YamlNode::Kind::scalar) return node.quoted ? '"' + node.text + '"' : node.text;
    std::string out = "[";
    for (YamlNode const& item : node.items) out += text_of(item) + ", ";
    return out + ']';
}

using Values = std::vector<std::pair<std::string, std::string>>;

/// Mappings become dotted keys; all else is a value.
void flatten(YamlNode const& node, std::string const& key, Values& out) {
    if (node.kind != YamlNode::Kind::mapping) {
        out.emplace_back(key, text_of(node));
        return;
    }
    for (YamlEntry const& entry : node.entries) flatten(entry.value, key.empty() ? entry.key : key + '.' + entry.key, out);
}

Values values_of(std::string const& yaml) {
    Values out;
    flatten(parse_yaml(yaml, "effective configuration"), "", out);
    return out;
}

} // namespace

std::vector<std::string> changed_keys(std::string const& before, std::string const& after) {
    Values const earlier = values_of(before), later = values_of(after);
    std::map<std::string, std::string> const old(earlier.begin(), earlier.end()), now(later.begin(), later.end());
    std::vector<std::string> out;
    for (auto const& [key, value] : later) {
        auto const found = old.find(key);
        if (found == old.end() || found->second != value) out.push_back(key);
    }
    for (auto const& [key, value] : earlier) {
        if (now.find(key) == now.end()) out.push_back(key);
    }
    return out;
}

bool applies_to_next_series(std::string_view key) {
    constexpr std::array<std::string_view, 9> sections{
        "watch", "scan", "sample", "background", "structure_factor", "fsdp", "pair_distribution", "ad_hoc", "uncertainty"};
    return key == "results.rate_hz" || std::find(sections.begin(), sections.end(), key.substr(0, key.find('.'))) != sections.end();
}

} // namespace sqd
