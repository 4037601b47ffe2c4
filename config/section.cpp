// Strict reading of sections.
#include "config/section.hpp"

#include "config/keys.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <regex>

namespace sqd {

namespace {

std::string trimmed_range(Limits const& limits) {
    return (limits.open_low ? "above " + render(limits.low) + " and at most " : render(limits.low) + " to ") + render(limits.high);
}

std::string render_list(std::vector<double> const& numbers) {
    std::string text;
    for (auto const number : numbers) text += (text.empty() ? "" : ", ") + sqd::render(number);
    return '[' + text + ']';
}

} // namespace

bool Section::is_none() const {
    auto const* node = document_->find(name_);
    auto const* row = find_key(name_);
    assert(row != nullptr);
    auto const none = node == nullptr ? row->default_value == "none" : node->kind != YamlNode::Kind::mapping;
    if (none) document_->record(name_, "none");
    return none;
}

/// The node of a key: the file's, the computed one, the table's.
YamlNode Section::value(std::string const& key, std::optional<std::string> const& computed) const {
    auto const name = full(key);
    if (auto const* node = document_->find(name)) {
        if (node->kind == YamlNode::Kind::null) {
            throw refuse(key, "has no value", "an empty value could mean anything", "write one, or leave the key out");
        }
        return *node;
    }
    if (computed) {
        YamlNode node;
        node.kind = YamlNode::Kind::scalar;
        node.text = *computed;
        return node;
    }
    auto const* row = find_key(name);
    assert(row != nullptr && row->default_value.front() != '(');
    if (row->default_value == "required") throw refuse(key, "is missing", row->meaning, "add it");
    return parse_yaml("value: " + row->default_value, "default of " + name).entries.front().value;
}

std::string Section::scalar(std::string const& key, YamlNode const& node, char const* expected) const {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
        throw refuse(key, "is " + (node.text.empty() && node.kind == YamlNode::Kind::scalar ? std::string("empty") : describe(node)),
                     std::string("expected ") + expected, "write one value");
    }
    return node.text;
}

bool Section::is_word(YamlNode const& node, std::string const& word) const {
    return node.kind == YamlNode::Kind::scalar && node.text == word;
}

double Section::to_number(std::string const& key, YamlNode const& node, Limits const& limits) const {
    auto const written = scalar(key, node, "a number");
    auto const shown = '\'' + written + '\'';
    if (node.quoted)
        throw refuse(key, shown + " is text", "quotes make it text; expected " + std::string(limits.meaning), "remove the quotes");
    static std::regex const octal("-?0[0-9].*");
    if (std::regex_match(written, octal)) {
        throw refuse(key, shown + " starts with a zero", "some YAML readers take it as octal", "remove the zero");
    }
    double number = 0;
    auto const [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
    if (error == std::errc{} && end == written.data() + written.size() && !std::isfinite(number)) {
        throw refuse(key, shown + " is not a finite number", limits.meaning, "write a number");
    }
    if (error != std::errc{} || end != written.data() + written.size()) {
        throw refuse(key, shown + " is not a number", std::string("expected ") + limits.meaning,
                     "write digits only; the unit is in the key's name");
    }
    if (number > limits.high || number < limits.low || (limits.open_low && number == limits.low)) {
        throw refuse(key, shown + " is out of range", std::string(limits.meaning) + " is " + trimmed_range(limits),
                     "check the unit in the key's name");
    }
    return number;
}

double Section::to_integer(std::string const& key, YamlNode const& node, Limits const& limits) const {
    auto const number = to_number(key, node, limits);
    if (node.text.find_first_not_of("-0123456789") != std::string::npos) {
        throw refuse(key, '\'' + node.text + "' is not a whole number", std::string("expected ") + limits.meaning, "write digits only");
    }
    return number;
}

std::vector<double> Section::to_numbers(std::string const& key, YamlNode const& node, std::size_t count, Limits const& limits) const {
    if (node.kind != YamlNode::Kind::sequence || node.items.size() != count) {
        auto const what = node.kind == YamlNode::Kind::sequence ? "a list of " + std::to_string(node.items.size()) : describe(node);
        throw refuse(key, "is " + what, "expected " + std::to_string(count) + " numbers: " + limits.meaning, "write [a, b]");
    }
    return each_number(key, node, limits);
}

std::vector<double> Section::each_number(std::string const& key, YamlNode const& node, Limits const& limits) const {
    std::vector<double> numbers;
    for (auto const& item : node.items) numbers.push_back(to_number(key, item, limits));
    return numbers;
}

std::string Section::text(std::string const& key, std::optional<std::string> const& computed) const {
    auto const written = scalar(key, value(key, computed), "text");
    document_->record(full(key), render(written));
    return written;
}

std::vector<std::string> Section::texts(std::string const& key) const {
    auto const node = value(key, {});
    if (node.kind != YamlNode::Kind::sequence) throw refuse(key, "is " + describe(node), "expected a list", "write [" + node.text + ']');
    std::vector<std::string> written;
    std::string rendered;
    for (auto const& item : node.items) {
        written.push_back(scalar(key, item, "text"));
        rendered += (rendered.empty() ? "" : ", ") + render(written.back());
    }
    document_->record(full(key), '[' + rendered + ']');
    return written;
}

bool Section::flag(std::string const& key, std::optional<bool> computed) const {
    auto const node = value(key, computed ? std::optional<std::string>(*computed ? "true" : "false") : std::nullopt);
    auto const written = scalar(key, node, "true or false");
    if (node.quoted || (written != "true" && written != "false")) {
        throw refuse(key, '\'' + written + "' is neither true nor false",
                     "yes, no, on, off and 1 mean different things to different readers", "write true or false");
    }
    document_->record(full(key), written);
    return written == "true";
}

double Section::number(std::string const& key, Limits const& limits, std::optional<double> computed) const {
    auto const number = to_number(key, value(key, computed ? std::optional(render(*computed)) : std::nullopt), limits);
    document_->record(full(key), render(number));
    return number;
}

std::optional<double> Section::number_or(std::string const& key, std::string const& word, Limits const& limits) const {
    auto const node = value(key, {});
    auto const number = is_word(node, word) ? std::nullopt : std::optional(to_number(key, node, limits));
    document_->record(full(key), number ? render(*number) : word);
    return number;
}

std::vector<double> Section::numbers(std::string const& key, std::size_t count, Limits const& limits) const {
    auto const list = to_numbers(key, value(key, {}), count, limits);
    document_->record(full(key), render_list(list));
    return list;
}

std::optional<std::vector<double>> Section::numbers_or(std::string const& key, std::string const& word, std::size_t count,
                                                       Limits const& limits) const {
    auto const node = value(key, {});
    if (!is_word(node, word)) return numbers(key, count, limits);
    document_->record(full(key), word);
    return std::nullopt;
}

std::optional<std::vector<double>> Section::list_or(std::string const& key, std::string const& word, std::size_t fewest,
                                                    Limits const& limits) const {
    auto const node = value(key, {});
    if (is_word(node, word)) {
        document_->record(full(key), word);
        return std::nullopt;
    }
    if (node.kind != YamlNode::Kind::sequence || node.items.size() < fewest) {
        auto const what = node.kind == YamlNode::Kind::sequence ? "a list of " + std::to_string(node.items.size()) : describe(node);
        throw refuse(key, "is " + what, "expected " + std::to_string(fewest) + " numbers or more: " + limits.meaning,
                     "write [a, b, c] or " + word);
    }
    auto const list = each_number(key, node, limits);
    document_->record(full(key), render_list(list));
    return list;
}

std::uint64_t Section::integer(std::string const& key, Limits const& limits, std::optional<std::uint64_t> computed) const {
    auto const number = to_integer(key, value(key, computed ? std::optional(std::to_string(*computed)) : std::nullopt), limits);
    document_->record(full(key), std::to_string(static_cast<std::uint64_t>(number)));
    return static_cast<std::uint64_t>(number);
}

std::optional<std::uint64_t> Section::integer_or(std::string const& key, std::string const& word, Limits const& limits,
                                                 std::optional<std::string> const& computed) const {
    if (!is_word(value(key, computed), word)) return integer(key, limits);
    document_->record(full(key), word);
    return std::nullopt;
}

std::size_t Section::pick(std::string const& key, std::vector<std::string> const& names, std::vector<std::string> const& planned,
                          std::optional<std::string> const& computed) const {
    auto const written = text(key, computed);
    auto const found = std::find(names.begin(), names.end(), written);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    if (std::find(planned.begin(), planned.end(), written) != planned.end()) {
        throw refuse(key, '\'' + written + "' is not available", "not in this version", "write " + join_or(names));
    }
    auto const near = nearest_name(written, names);
    throw refuse(key, '\'' + written + "' is not known", "known: " + join_or(names),
                 near.empty() ? "write one of these" : "did you mean '" + near + "'?");
}

void Section::not_available(std::string const& key, std::string const& why) const {
    auto const node = value(key, {});
    if (!is_word(node, "none")) throw refuse(key, describe(node) + " is not available", why, "leave it out");
    document_->record(full(key), "none");
}

std::string Section::existing_file(std::string const& key, std::string const& name) const {
    auto const path = document_->resolve(name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        throw refuse(key, "no such file '" + name + '\'', "looked for " + path, "relative names start at the folder of this configuration");
    }
    return path;
}

ConfigError Section::refuse(std::string const& key, std::string const& problem, std::string const& why,
                            std::string const& suggestion) const {
    return config_error(document_->place(full(key)), problem, why, suggestion);
}

} // namespace sqd
