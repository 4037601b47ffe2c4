// Words of what a daemon says of itself, for the line and the screen of `sqd watch`. A missing or odd key reads as not said.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sqd::watching {

Json const* find(Json const& json, char const* key);
/// Without control characters.
std::string text(Json const& json, char const* key);
double number(Json const& json, char const* key);
std::uint64_t count(Json const& json, char const* key);
Json const& part(Json const& json, char const* key);

/// In a colour by its ANSI code, or plain.
std::string painted(std::string const& words, char const* code, bool color);
char const* color_of_state(std::string const& state);
/// "12 s", "3 min", "2 h".
std::string duration(double seconds);
/// "1195/1800", of what was received; a scan of unknown length has no end to count to.
std::string frames_words(Json const& status);
/// "66%", rounded down: 100 % means all of them.
std::string percent_words(Json const& status);
std::string missing_words(Json const& status);

struct NamedAlarm {
    std::string name, message;
};
/// Those that nobody has taken note of.
std::vector<NamedAlarm> new_alarms(Json const& status);

/// What is not empty, with something between.
std::string joined(std::vector<std::string> const& words, char const* between);
/// Columns on a screen: a byte that continues a UTF-8 character takes none.
std::size_t columns(std::string const& text);
/// The first columns of a text, `~` where some were cut.
std::string cut(std::string const& text, std::size_t width);

} // namespace sqd::watching
