// Radius and azimuth of pixel centres and corners, row by row.
#pragma once

#include "pipeline/reduce/pixel_optics.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace sqd {

/// Points of one row, or of one line between rows.
struct PointLine {
    std::vector<double> radial; ///< 1/nm, rad or m
    std::vector<double> chi;    ///< rad, in ]-pi, pi]
};

class PixelLines {
public:
    PixelLines(Geometry const& geometry, IntegrationConfig const& config);

    /// Centres of the pixels of a row of the image: `cols` points. Without `with_chi` azimuths, which cost most of it, are 0.
    void centres(std::size_t row, bool with_chi, PointLine& out) const;
    /// Corners on the line before that row, `cols` + 1 points; rows has `rows` + 1 lines. Rounded to float32 with compat.
    void corners(std::size_t line, bool with_chi, PointLine& out) const;

    std::size_t rows() const { return centre1_.size(); }
    std::size_t cols() const { return centre2_.size(); }

private:
    DetectorPlane plane_;
    PixelOptics optics_;
    std::vector<double> centre1_, centre2_, edge1_, edge2_; ///< m from the PONI
    bool float32_;
};

/// Two neighbouring lines of corners that move down the image with its rows.
class CornerWindow {
public:
    /// From the given row on.
    CornerWindow(PixelLines const& lines, std::size_t row, bool with_chi) : lines_(&lines), next_(row), with_chi_(with_chi) {
        lines.corners(next_, with_chi, below_);
        advance();
    }
    /// To the next row.
    void advance() {
        std::swap(above_, below_);
        lines_->corners(++next_, with_chi_, below_);
    }
    PointLine const& above() const { return above_; } ///< line `row`
    PointLine const& below() const { return below_; } ///< line `row` + 1
    bool has_next() const { return next_ < lines_->rows(); }

private:
    PixelLines const* lines_;
    std::size_t next_;
    bool with_chi_;
    PointLine above_, below_;
};

} // namespace sqd
