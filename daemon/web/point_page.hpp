// Curves of single points, over HTTP.
#pragma once

#include "daemon/web/web_pages.hpp"

#include <string>

namespace sqd {

/// The `point` message at the place `index` (row * columns + column) as a viewer gets it; 404 where `map` is null or has none there, and
/// for what is no number.
WebReply point_page(MapPoints const* map, std::string const& index, Speaker const& speaker);

} // namespace sqd
