// The detector's response, pixel by pixel.
#pragma once

#include "pipeline/core/image.hpp"

#include <cmath>
#include <cstddef>
#include <string>

namespace sqd {

/// Counts of each pixel relative to those of an ideal one, which divide its counts. A pixel whose response is not positive and finite takes
/// no part.
struct FlatField {
    std::string name; ///< file that it came from
    Image<double> response;
};

/// Whether a pixel of this response takes part.
inline bool responds(double response) {
    return std::isfinite(response) && response > 0;
}

/// Pixels that take no part with it.
Mask excluded_by(FlatField const& flat);

} // namespace sqd
