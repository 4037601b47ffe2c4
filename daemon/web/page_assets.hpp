// The page's files, built into the program so that page and service always belong together.
#pragma once

#include <span>
#include <string_view>

namespace sqd {

struct PageAsset {
    std::string_view name; ///< "index.html"
    std::string_view content_type;
    std::string_view etag; ///< quoted, of the content
    std::string_view gzip; ///< the content, packed
};

/// Made by daemon/page/embed.py.
std::span<PageAsset const> page_assets();

} // namespace sqd
