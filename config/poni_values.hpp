// The keys of a pyFAI geometry, wherever they were written: what they say and on which line.
#pragma once

#include "config/message.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sqd {

/// Values as texts under their lower-case keys. Messages name the file, and the line of the key.
class PoniValues {
public:
    explicit PoniValues(std::string file) : file_(std::move(file)) {}

    /// What was said of the key before is forgotten.
    void say(std::string const& key, std::string text, std::size_t line) {
        value_[key] = std::move(text);
        line_[key] = line;
    }

    /// nullopt where the key is absent, empty or None.
    std::optional<std::string> text(std::string const& key) const;
    /// Throws ConfigError for what is not a finite number.
    std::optional<double> number(std::string const& key) const;
    /// The same, also for a key that is absent.
    double required(std::string const& key) const;
    ConfigError refuse(std::string const& key, std::string const& problem, std::string const& why, std::string const& suggestion) const;
    std::map<std::string, std::size_t> const& lines() const { return line_; }

private:
    std::string file_;
    std::map<std::string, std::string> value_;
    std::map<std::string, std::size_t> line_;
};

std::string lower_case(std::string text);

} // namespace sqd
