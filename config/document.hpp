// A configuration text: what it says and where, and the echo of what was understood.
#pragma once

#include "config/message.hpp"
#include "config/yaml_tree.hpp"

#include <map>
#include <string>

namespace sqd {

/// A configuration text, and what was understood of it so far.
class Document {
public:
    /// Parses and refuses keys that the key table does not have. Throws ConfigError.
    Document(std::string const& yaml, std::string file);

    /// The value of a dotted key; null if the file does not say it.
    YamlNode const* find(std::string const& key) const;
    /// Where the key stands, or the nearest section above it.
    Place place(std::string const& key) const;
    /// Notes an effective value, rendered as YAML.
    void record(std::string const& key, std::string const& rendered);
    /// All noted values in the order of the key table: the same text for the same effective configuration.
    std::string effective_yaml() const;
    /// Relative file names start at the folder of the configuration file.
    std::string resolve(std::string const& name) const;

private:
    std::string file_;
    YamlNode root_;
    std::map<std::string, std::string> effective_;
};

} // namespace sqd
