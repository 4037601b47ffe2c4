#include "daemon/file_name.hpp"

#include <algorithm>
#include <string_view>

namespace sqd {

std::string file_name_part(std::string text) {
    constexpr std::size_t longest = 100;
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    text.resize(std::min(text.size(), longest));
    for (char& c : text)
        if (allowed.find(c) == std::string_view::npos) c = '_';
    if (text.empty() || text.front() == '.' || text.front() == '-') text.insert(text.begin(), '_');
    return text;
}

} // namespace sqd
