// Names of scans and of starts of the program that no other has.
#pragma once

#include <string>

namespace sqd {

/// A random UUID (version 4, RFC 4122) as text.
std::string new_uuid();

} // namespace sqd
