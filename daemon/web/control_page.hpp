// Changing the measurement from a page: with a secret, a confirmation, and a line in the log.
#pragma once

#include "daemon/web/web_pages.hpp"

#include <string>

namespace sqd {

/// The body is a control command with `confirm`, which repeats its name: what is done by mistake is not done. 403 without a token or with
/// another, 400 for what is no command that a page may give, 428 without the confirmation, 504 where no answer came in time; else the
/// reply of control, with 200 or, where it refuses, 409.
WebReply control_page(WebRequest const& request, WebSources const& sources);

/// Whether both are the same, in a time that does not tell where they differ.
bool same_secret(std::string const& a, std::string const& b);

} // namespace sqd
