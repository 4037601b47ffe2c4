// Finals of late, over HTTP.
#pragma once

#include "daemon/web/web_pages.hpp"

#include <string>
#include <vector>

namespace sqd {

/// {"finals": [...]}, newest first: what control's history says of each, and the peak.
WebReply results_page(std::vector<RememberedFinal> const& finals);
/// One message of a final as a viewer gets it; 404 where it has none of that kind.
WebReply result_page(RememberedFinal const& final, std::string const& kind);

} // namespace sqd
