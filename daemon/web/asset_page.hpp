// The page's files over HTTP.
#pragma once

#include "daemon/web/page_assets.hpp"
#include "daemon/web/web_pages.hpp"

namespace sqd {

/// Packed where the client takes that; 304 where it has it. A page of ours may run its own scripts and styles, and talk to this server
/// alone.
WebReply asset_page(PageAsset const& asset, WebRequest const& request);

/// Null: there is none of that name.
PageAsset const* find_asset(std::string_view name);

} // namespace sqd
