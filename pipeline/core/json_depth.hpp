// How deep the brackets of a JSON text nest, so that no recursion is driven from outside.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace sqd {

/// Deeper texts are refused: copying or printing them would recurse as deep.
inline constexpr std::size_t max_json_depth = 32;

/// Largest number of open brackets, those inside strings not counted.
inline std::size_t json_depth(std::string_view text) {
    std::size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

} // namespace sqd
