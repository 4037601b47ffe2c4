// A small series of Stream V2, put together item by item.
#pragma once

#include "tests/fuzz/message_parts.hpp"

#include <vector>

namespace sqd::fuzz {

/// Start with a mask, images in all ways of packing, end.
std::vector<Message> stream2_series();

} // namespace sqd::fuzz
