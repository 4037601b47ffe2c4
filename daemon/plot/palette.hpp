// Colours that everybody can tell apart: lines of Okabe and Ito (2008), maps in cividis (Nunez et al. 2018).
#pragma once

#include "daemon/plot/canvas.hpp"

namespace sqd {

inline constexpr Color ink{0.13, 0.13, 0.13}, faint{0.85, 0.85, 0.85}, muted{0.42, 0.42, 0.42}, paper{1, 1, 1};
inline constexpr Color blue{0, 0.447, 0.698}, vermilion{0.835, 0.369, 0}, green{0, 0.62, 0.451}, purple{0.8, 0.475, 0.655};

/// From dark blue (0) over grey to yellow (1).
Color cividis(double part);

constexpr Color faded(Color color, double opacity) {
    color.opacity = opacity;
    return color;
}

} // namespace sqd
