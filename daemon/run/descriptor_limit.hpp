// How many file descriptors the process may have.
#pragma once

#include <cstddef>

namespace sqd {

/// What all connections that are let in take (ConnectionLimit, WebLimits), as many that come before they are cut off, and files.
inline constexpr std::size_t descriptors_wanted = 2048;

/// Raises the limit of this process as far as it may without rights. What it is then; less than `descriptors_wanted` may, in a crowd of
/// connections, leave none for a file.
std::size_t raise_descriptor_limit();

} // namespace sqd
