// YAML text as a tree that remembers lines, quotes and every key, so that nothing in a file is lost or merged silently.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

struct YamlEntry;

/// A value. Exactly one of `text`, `items`, `entries` means something, by `kind`.
struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    std::size_t line = 0;           ///< from 1
    std::string text;               ///< of a scalar, as written
    bool quoted = false;            ///< "1.5" in quotes is text, not a number
    std::vector<YamlNode> items;    ///< of a sequence
    std::vector<YamlEntry> entries; ///< of a mapping, in the order written, keys unique
};

/// One `key: value` of a mapping.
struct YamlEntry {
    std::string key;
    std::size_t line = 0;
    YamlNode value;
};

/// Parses one YAML document whose top is a mapping; an empty text is an empty mapping. `file` is for messages.
/// Throws ConfigError for bad syntax, duplicate keys (most YAML readers keep one of them silently), anchors, tags, a second document.
YamlNode parse_yaml(std::string const& text, std::string const& file);

/// The value of `key` in a mapping; null if there is none.
YamlEntry const* find_entry(YamlNode const& mapping, std::string const& key);

/// "a number", "a list", ... for messages.
std::string describe(YamlNode const& node);

} // namespace sqd
