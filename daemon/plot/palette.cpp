#include "daemon/plot/palette.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sqd {

Color cividis(double part) {
    struct Rgb {
        double red, green, blue;
    };
    // matplotlib's `cividis` at every sixteenth: [round(255 * v) for v in cm.get_cmap("cividis")(i / 16)[:3]], matplotlib 3.6
    constexpr std::array<Rgb, 17> table{{{0, 34, 78},
                                         {0, 46, 106},
                                         {26, 56, 111},
                                         {50, 67, 109},
                                         {67, 78, 108},
                                         {83, 90, 109},
                                         {97, 101, 111},
                                         {111, 112, 115},
                                         {125, 124, 120},
                                         {140, 136, 120},
                                         {155, 148, 118},
                                         {171, 160, 114},
                                         {188, 174, 108},
                                         {205, 187, 99},
                                         {222, 201, 88},
                                         {240, 216, 70},
                                         {254, 232, 56}}};
    double const at = std::clamp(part, 0.0, 1.0) * (table.size() - 1);
    auto const i = std::min(static_cast<std::size_t>(at), table.size() - 2);
    double const f = at - static_cast<double>(i);
    auto const mix = [&](double Rgb::*c) { return (table[i].*c * (1 - f) + table[i + 1].*c * f) / 255; };
    return {mix(&Rgb::red), mix(&Rgb::green), mix(&Rgb::blue), 1};
}

} // namespace sqd
