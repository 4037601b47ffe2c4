// The list of those who are let in. daemon/README.md 'Security' has the format.
#pragma once

#include "daemon/security/curve_keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqd {

/// What somebody may do. `read`: subscribe, and the commands that only look.
enum class Rights { none, read, control };

struct Client {
    std::string name; ///< 1 to 64 of [A-Za-z0-9_.@-]
    PublicKey key;
    Rights rights = Rights::read;
    bool operator==(Client const&) const = default;
};

/// A line per client: `name public-key read|control`, apart by blanks; empty lines, and what follows a `#` that begins a word, say
/// nothing. Throws ConfigError `file:line: problem (why) suggestion` for a line that is not so, a name or a key
/// that comes twice, and a list of nobody; `file` is only for that message. Never echoes control characters.
std::vector<Client> parse_client_list(std::string_view text, std::string const& file);

} // namespace sqd
