// A scan on one page: its curves, its peak with the fit, its map, and what it was made with.
#pragma once

#include "daemon/archive/read_archive.hpp"
#include "daemon/plot/canvas.hpp"

#include <string>

namespace sqd {

/// The page as a file, landscape. The same result gives the same bytes.
std::string report_page(ArchivedResult const& archived, PageKind kind);

} // namespace sqd
