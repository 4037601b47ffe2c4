// Which part of a pixel falls in which cell of a grid in radius and azimuth.
#pragma once

#include "pipeline/reduce/integration_config.hpp"
#include "pipeline/reduce/pixel_extent.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace sqd {

/// Part of a pixel that falls in a cell.
struct CellShare {
    std::size_t radial, azimuth;
    double share;
};

/// Cells between increasing edges; azimuth is cyclic, so a pixel beyond one end of a full circle is at the other end. What lies outside
/// is lost. bbox: the pixel is uniform between centre -/+ half_width in radius and centre -/+ half_opening_rad in azimuth. full: the
/// exact area of its quadrangle (straight edges in radius and azimuth) inside the cell; a pixel around the centre of the rings is shared
/// as bbox. Summed over azimuth, shares are those of ExactBins.
class ExactCells {
public:
    /// Edges in the coordinate that is binned, and in rad over at most one turn.
    ExactCells(std::vector<double> radial_edges, std::vector<double> chi_edges)
        : radial_(std::move(radial_edges)), chi_(std::move(chi_edges)) {}
    /// Replaces `out`. `split` is bbox or full.
    void operator()(Split split, PixelExtent const& pixel, std::vector<CellShare>& out) const;

private:
    void share_bbox(PixelExtent const& pixel, std::vector<CellShare>& out) const;
    void share_full(PixelExtent const& pixel, std::vector<CellShare>& out) const;
    void add_quadrangle(PixelExtent const& pixel, double turned, double whole, std::vector<CellShare>& out) const;
    std::vector<double> radial_, chi_;
};

/// pyFAI 0.21.3's even cells, for bbox: what lies outside is piled into the first and last, azimuth does not go round. (Its parts of a
/// quadrangle in two dimensions are not areas: one across eight cells, whose areas are 0.02 0.10 0.18 0.19 0.19 0.19 0.11 and 0.02 of it,
/// has 0.00 0.04 0.07 0.11 0.14 0.18 0.21 and 0.25.)
class PyfaiCells {
public:
    struct Bins {
        double low, high; ///< with pyFAI's factor on the upper end
        std::size_t bins;
        double position(double value) const { return (value - low) / ((high - low) / static_cast<double>(bins)); }
    };
    PyfaiCells(Bins radial, Bins chi) : radial_(radial), chi_(chi) {}
    /// Replaces `out`.
    void share_bbox(PixelExtent const& pixel, std::vector<CellShare>& out) const;

private:
    Bins radial_, chi_;
};

} // namespace sqd
