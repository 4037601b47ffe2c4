// A geometry as the text of a .poni file.
#pragma once

#include "pipeline/core/geometry.hpp"

#include <string>

namespace sqd {

/// Version 2.1, `name: value` lines, that reads back as the same numbers. The detector is described by its pixels. pyFAI 0.21 reads
/// versions 1 and 2 alone, and knows no orientation.
std::string poni_text(Geometry const& geometry);

} // namespace sqd
