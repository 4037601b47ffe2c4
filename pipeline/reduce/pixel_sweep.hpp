// Over the pixels of an image, one after another, each with its extent.
#pragma once

#include "pipeline/core/image.hpp"
#include "pipeline/reduce/pixel_extent.hpp"
#include "pipeline/reduce/pixel_lines.hpp"

#include <cstddef>

namespace sqd {

/// What of an extent is worked out beside the centre's radius; the rest is 0.
struct ExtentNeeds {
    bool corners = false, centre_chi = false, corner_chi = false;
};

/// Calls `each(pixel index, extent)` for the unmasked pixels of rows [begin, end), in the order of the image.
template <class Each>
void for_pixels(PixelLines const& lines, Mask const& mask, std::size_t begin, std::size_t end, ExtentNeeds const& needs, Each const& each) {
    PointLine centres;
    bool const corners_needed = needs.corners || needs.corner_chi;
    CornerWindow window(lines, corners_needed ? begin : 0, needs.corner_chi);
    for (std::size_t row = begin; row < end; ++row) {
        lines.centres(row, needs.centre_chi, centres);
        for (std::size_t col = 0; col < lines.cols(); ++col) {
            std::size_t const pixel = row * lines.cols() + col;
            if (mask.pixels[pixel] != 0) continue;
            PixelExtent extent{};
            extent.radial = centres.radial[col];
            extent.chi = centres.chi[col];
            if (corners_needed) {
                auto const& [r0, chi0] = window.above();
                auto const& [r1, chi1] = window.below();
                extent.corner_radial = {r0[col], r1[col], r1[col + 1], r0[col + 1]};
                extent.corner_chi = {chi0[col], chi1[col], chi1[col + 1], chi0[col + 1]};
            }
            each(pixel, extent);
        }
        if (corners_needed && window.has_next()) window.advance();
    }
}

} // namespace sqd
