// YAML events (yaml-cpp) to a tree.
#include "config/yaml_tree.hpp"

#include "config/message.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>
#include <utility>

namespace sqd {

namespace {

std::size_t line_of(YAML::Mark const& mark) {
    return mark.line < 0 ? 0 : static_cast<std::size_t>(mark.line) + 1;
}

/// Builds the tree. A stack of open collections; in a mapping every second value is a key.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

    void OnDocumentStart(YAML::Mark const&) override {}
    void OnDocumentEnd() override {}
    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        YamlNode node;
        node.line = line_of(mark);
        place(std::move(node));
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override { refuse_anchor(mark, anchor); }
    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor, std::string const& value) override {
        refuse_anchor(mark, anchor);
        if (tag != "?" && tag != "!")
            throw error(mark, "tag '" + tag + "' is not understood", "values have the type of their key", "remove it");
        YamlNode node;
        node.kind = YamlNode::Kind::scalar;
        node.line = line_of(mark);
        node.text = value;
        node.quoted = tag == "!";
        place(std::move(node));
    }
    void OnSequenceStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::mapping, mark, anchor);
    }
    void OnMapEnd() override { close(); }

    YamlNode take() { return std::move(root_); }

private:
    struct Open {
        YamlNode node;
        bool has_key = false;
        YamlEntry pending;
    };

    ConfigError error(YAML::Mark const& mark, std::string const& problem, std::string const& why, std::string const& suggestion) const {
        return config_error({file_, line_of(mark), path()}, problem, why, suggestion);
    }

    std::string path() const {
        std::string joined;
        for (auto const& open : open_) {
            if (open.has_key) joined += (joined.empty() ? "" : ".") + open.pending.key;
        }
        return joined.empty() ? "yaml" : joined;
    }

    void refuse_anchor(YAML::Mark const& mark, YAML::anchor_t anchor) const {
        if (anchor != 0) {
            throw error(mark, "anchors and aliases (& and *) are not understood", "a reader must see each value where it counts",
                        "write the value out");
        }
    }

    void open(YamlNode::Kind kind, YAML::Mark const& mark, YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        Open collection;
        collection.node.kind = kind;
        collection.node.line = line_of(mark);
        open_.push_back(std::move(collection));
    }

    void close() {
        auto node = std::move(open_.back().node);
        open_.pop_back();
        place(std::move(node));
    }

    void place(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (auto& top = open_.back(); top.node.kind == YamlNode::Kind::sequence) {
            top.node.items.push_back(std::move(node));
        } else if (!top.has_key) {
            take_key(top, node);
        } else {
            top.pending.value = std::move(node);
            top.node.entries.push_back(std::move(top.pending));
            top.pending = {};
            top.has_key = false;
        }
    }

    void take_key(Open& top, YamlNode const& node) {
        Place at{file_, node.line, path()};
        if (node.kind != YamlNode::Kind::scalar) {
            throw config_error(at, "a key is " + describe(node), "keys are plain words", "check the indentation and the braces");
        }
        if (auto const* first = find_entry(top.node, node.text)) {
            at.key = at.key == "yaml" ? node.text : at.key + '.' + node.text;
            throw config_error(at, "duplicate key", "it stands on line " + std::to_string(first->line) + " already", "keep one of the two");
        }
        top.pending.key = node.text;
        top.pending.line = node.line;
        top.has_key = true;
    }

    std::string file_;
    YamlNode root_;
    std::vector<Open> open_;
};

} // namespace

YamlEntry const* find_entry(YamlNode const& mapping, std::string const& key) {
    for (auto const& entry : mapping.entries) {
        if (entry.key == key) return &entry;
    }
    return nullptr;
}

std::string describe(YamlNode const& node) {
    switch (node.kind) {
    case YamlNode::Kind::null: return "empty";
    case YamlNode::Kind::scalar: return '\'' + node.text + '\'';
    case YamlNode::Kind::sequence: return "a list";
    case YamlNode::Kind::mapping: return "a section";
    }
    return "unknown";
}

YamlNode parse_yaml(std::string const& text, std::string const& file) {
    TreeBuilder builder(file);
    std::istringstream stream(text);
    bool another = false;
    try {
        YAML::Parser parser(stream);
        if (parser.HandleNextDocument(builder)) {
            TreeBuilder second(file);
            another = parser.HandleNextDocument(second);
        }
    } catch (YAML::Exception const& e) {
        throw config_error({file, line_of(e.mark), "yaml"}, "not valid YAML", e.msg,
                           "check indentation, quotes and brackets near this line");
    }
    if (another) throw config_error({file, 0, "yaml"}, "a second document follows '---'", "one file is one configuration", "remove it");
    auto root = builder.take();
    if (root.kind == YamlNode::Kind::null) root.kind = YamlNode::Kind::mapping;
    if (root.kind != YamlNode::Kind::mapping) {
        throw config_error({file, root.line, "yaml"}, "the file is " + describe(root) + ", not a set of sections",
                           "a configuration is `key: value` lines", "start from a file in config/");
    }
    return root;
}

} // namespace sqd
