// The tree of a configuration against the key table.
#include "config/document.hpp"

#include "config/keys.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <utility>
#include <vector>

namespace sqd {

namespace {

std::string join_key(std::string const& section, std::string const& key) {
    return section.empty() ? key : section + '.' + key;
}

/// Names of the keys and sections directly below `section`.
std::vector<std::string> children(std::string const& section) {
    std::vector<std::string> names;
    auto const prefix = section.empty() ? std::string{} : section + '.';
    for (auto const& row : key_table()) {
        if (!row.key.starts_with(prefix)) continue;
        auto const rest = row.key.substr(prefix.size());
        auto const name = rest.substr(0, rest.find('.'));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

/// What the writer of an unknown key may have meant: a sibling, or the same word in another section.
std::string unknown_key_suggestion(std::string const& section, std::string const& key) {
    auto const siblings = children(section);
    if (auto const near = nearest_name(key, siblings); !near.empty()) return "did you mean '" + near + "'?";
    for (auto const& row : key_table()) {
        if (row.key.ends_with('.' + key)) return "did you mean '" + row.key + "'?";
    }
    return "write " + join_or(siblings);
}

void check_keys(YamlNode const& node, std::string const& section, std::string const& file) {
    for (auto const& entry : node.entries) {
        auto const key = join_key(section, entry.key);
        Place const at{file, entry.line, key};
        auto const below = is_section(key);
        if (!below && find_key(key) == nullptr) {
            auto const where = section.empty() ? std::string("the file has no such section or key") : "'" + section + "' has no such key";
            throw config_error(at, "unknown key", where, unknown_key_suggestion(section, entry.key));
        }
        if (!below) continue;
        if (entry.value.kind == YamlNode::Kind::mapping) {
            check_keys(entry.value, key, file);
        } else if (find_key(key) == nullptr || entry.value.text != "none") {
            throw config_error(at, "is " + describe(entry.value) + ", not a section",
                               "it has the keys " + join_or(children(key)) + " below it", "indent its keys, or leave it out");
        }
    }
}

} // namespace

Document::Document(std::string const& yaml, std::string file) : file_(std::move(file)), root_(parse_yaml(yaml, file_)) {
    if (root_.entries.empty())
        throw config_error({file_, 0, "yaml"}, "there is nothing in it", "it is empty, or comments alone; did what writes it fail?",
                           "`sqd init` makes a configuration from a calibration");
    check_keys(root_, "", file_);
}

YamlNode const* Document::find(std::string const& key) const {
    auto const* node = &root_;
    for (std::size_t start = 0; start <= key.size();) {
        auto const stop = std::min(key.find('.', start), key.size());
        auto const* entry = find_entry(*node, key.substr(start, stop - start));
        if (entry == nullptr) return nullptr;
        node = &entry->value;
        start = stop + 1;
    }
    return node;
}

Place Document::place(std::string const& key) const {
    for (auto shown = key; !shown.empty();
         shown = shown.substr(0, shown.find_last_of('.') == std::string::npos ? 0 : shown.find_last_of('.'))) {
        auto const dot = shown.find_last_of('.');
        auto const* above = dot == std::string::npos ? &root_ : find(shown.substr(0, dot));
        if (above == nullptr) continue;
        if (auto const* entry = find_entry(*above, dot == std::string::npos ? shown : shown.substr(dot + 1))) {
            return {file_, entry->line, key};
        }
    }
    return {file_, 0, key};
}

void Document::record(std::string const& key, std::string const& rendered) {
    assert(find_key(key) != nullptr);
    effective_[key] = rendered;
}

std::string Document::effective_yaml() const {
    std::string text;
    std::vector<std::string> open; // sections whose header is written
    for (auto const& row : key_table()) {
        auto const found = effective_.find(row.key);
        if (found == effective_.end()) continue;
        std::vector<std::string> path;
        for (std::size_t start = 0; start <= row.key.size();) {
            auto const stop = std::min(row.key.find('.', start), row.key.size());
            path.push_back(row.key.substr(start, stop - start));
            start = stop + 1;
        }
        std::size_t shared = 0;
        while (shared + 1 < path.size() && shared < open.size() && open[shared] == path[shared]) ++shared;
        open.assign(path.begin(), path.end() - 1);
        for (auto level = shared; level + 1 < path.size(); ++level) text += std::string(2 * level, ' ') + path[level] + ":\n";
        text += std::string(2 * (path.size() - 1), ' ') + path.back() + ": " + found->second + '\n';
    }
    return text;
}

std::string Document::resolve(std::string const& name) const {
    std::filesystem::path const path(name);
    if (path.is_absolute()) return name;
    return (std::filesystem::path(file_).parent_path() / path).lexically_normal().string();
}

} // namespace sqd
