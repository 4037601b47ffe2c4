// The key table: the one place where keys, their types, defaults and meanings are written down.
#pragma once

#include "config/load.hpp"

#include <string>
#include <vector>

namespace sqd {

/// All keys in the order in which they are echoed. A default in parentheses is worked out from other keys.
std::vector<KeyDoc> const& key_table();
/// The row of a dotted key; null if there is none.
KeyDoc const* find_key(std::string const& key);
/// True if some key stands below `prefix`.
bool is_section(std::string const& prefix);

} // namespace sqd
