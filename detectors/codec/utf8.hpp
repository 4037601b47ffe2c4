// Whether bytes are UTF-8: what a detector calls text ends up in JSON and HDF5, which take nothing else.
#pragma once

#include <string_view>

namespace sqd {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

} // namespace sqd
