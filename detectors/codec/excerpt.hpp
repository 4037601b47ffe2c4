// The start of a text from a message, fit to be shown in an error or a log.
#pragma once

#include <string>
#include <string_view>

namespace sqd {

/// At most 40 characters, what is not printable ASCII as '?'.
inline std::string excerpt(std::string_view text) {
    std::string shown;
    for (char const c : text.substr(0, 40)) shown += c >= ' ' && c <= '~' ? c : '?';
    return text.size() > 40 ? shown + "..." : shown;
}

} // namespace sqd
