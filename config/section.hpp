// Strict reading of sections: every key has a row in the key table; its default, its type and its echo come from one place.
#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// Range of a number, ends included unless `open_low`, and what it is: "photon energy [keV]".
struct Limits {
    double low, high;
    char const* meaning;
    bool open_low = false;
};

/// The keys below one prefix. Each reading function takes the value from the file, else `computed` where the caller knows a
/// better default, else the default of the key table; records it; throws ConfigError with file, line and key.
class Section {
public:
    Section(Document& document, std::string name) : document_(&document), name_(std::move(name)) {}

    /// `section: none`, as written or by default.
    bool is_none() const;
    /// True if the file has the key.
    bool says(std::string const& key) const { return document_->find(full(key)) != nullptr; }

    std::string text(std::string const& key, std::optional<std::string> const& computed = {}) const;
    std::vector<std::string> texts(std::string const& key) const;
    bool flag(std::string const& key, std::optional<bool> computed = {}) const;
    double number(std::string const& key, Limits const& limits, std::optional<double> computed = {}) const;
    /// nullopt for `word`.
    std::optional<double> number_or(std::string const& key, std::string const& word, Limits const& limits) const;
    std::vector<double> numbers(std::string const& key, std::size_t count, Limits const& limits) const;
    std::optional<std::vector<double>> numbers_or(std::string const& key, std::string const& word, std::size_t count,
                                                  Limits const& limits) const;
    /// A list of any length from `fewest` on; nullopt for `word`.
    std::optional<std::vector<double>> list_or(std::string const& key, std::string const& word, std::size_t fewest,
                                               Limits const& limits) const;
    std::uint64_t integer(std::string const& key, Limits const& limits, std::optional<std::uint64_t> computed = {}) const;
    std::optional<std::uint64_t> integer_or(std::string const& key, std::string const& word, Limits const& limits,
                                            std::optional<std::string> const& computed = {}) const;

    /// One of the offered names. `planned` are names that the documents know and this version lacks: refused as such.
    template <class T>
    T choice(std::string const& key, std::initializer_list<std::pair<char const*, T>> offered, std::vector<std::string> const& planned = {},
             std::optional<std::string> const& computed = {}) const {
        std::vector<std::string> names;
        for (auto const& option : offered) names.emplace_back(option.first);
        return (offered.begin() + static_cast<std::ptrdiff_t>(pick(key, names, planned, computed)))->second;
    }
    /// Index into `names`.
    std::size_t pick(std::string const& key, std::vector<std::string> const& names, std::vector<std::string> const& planned = {},
                     std::optional<std::string> const& computed = {}) const;
    /// A key that is known, but of which this version can do nothing: anything but `none` is refused with `why`.
    void not_available(std::string const& key, std::string const& why) const;

    /// A file that must be there; returns its path from the working folder.
    std::string existing_file(std::string const& key, std::string const& name) const;

    ConfigError refuse(std::string const& key, std::string const& problem, std::string const& why, std::string const& suggestion) const;

private:
    std::string full(std::string const& key) const { return name_.empty() ? key : name_ + '.' + key; }
    YamlNode value(std::string const& key, std::optional<std::string> const& computed) const;
    std::string scalar(std::string const& key, YamlNode const& node, char const* expected) const;
    double to_number(std::string const& key, YamlNode const& node, Limits const& limits) const;
    double to_integer(std::string const& key, YamlNode const& node, Limits const& limits) const;
    std::vector<double> to_numbers(std::string const& key, YamlNode const& node, std::size_t count, Limits const& limits) const;
    std::vector<double> each_number(std::string const& key, YamlNode const& node, Limits const& limits) const;
    bool is_word(YamlNode const& node, std::string const& word) const;

    Document* document_;
    std::string name_;
};

} // namespace sqd
