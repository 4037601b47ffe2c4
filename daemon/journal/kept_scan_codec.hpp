// Backgrounds and darks as bytes.
#pragma once

#include "pipeline/stream/reducer.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// `conditions`: in any words, all that a pattern hangs on but its mask; what was measured under others is of no use.
std::vector<std::byte> background_bytes(StoredBackground const& background, std::string const& conditions);
std::vector<std::byte> dark_bytes(StoredDark const& dark, std::string const& conditions);

/// nullopt where the conditions were others. Their bins know what the reducer asks of those of a finished scan: its axis, and of a dark
/// whose pixels are known the bin and mask of each. Throw DataError for bytes that are not whole or not of these kinds.
std::optional<StoredBackground> read_background(std::span<std::byte const> bytes, std::string const& conditions);
std::optional<StoredDark> read_dark(std::span<std::byte const> bytes, std::string const& conditions);

} // namespace sqd
