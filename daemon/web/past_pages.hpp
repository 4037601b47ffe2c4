// What was before a page was opened, over HTTP: the log, and the rows of the waterfall.
#pragma once

#include "daemon/log/log_memory.hpp"
#include "daemon/web/web_pages.hpp"

#include <string>

namespace sqd {

/// {"epoch", "lines": [{number, time, level, text}]}, oldest first.
WebReply log_page(std::string const& epoch, LogLines const& lines);
/// A frame of rows; 404 for what is not "I" or "S".
WebReply rows_page(WebSources const& sources, std::string const& of);

} // namespace sqd
