// Where a pixel lies in radius and azimuth, and which part of it falls in which bin.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd {

/// Centre and corners of a pixel; corners in the order (row, col), (row + 1, col), (row + 1, col + 1), (row, col + 1).
struct PixelExtent {
    double radial = 0, chi = 0;
    std::array<double, 4> corner_radial{}, corner_chi{};
};

/// Largest radial distance of a corner from the centre.
double half_width(PixelExtent const& pixel);
/// Largest azimuthal distance of a corner from the centre [rad], the short way round.
double half_opening_rad(PixelExtent const& pixel);
/// Brings the corners of a pixel that lies across chi = +-pi to one side of it (pyFAI's test: the signed area of the quadrangle in radius
/// and azimuth has the wrong sign).
void join_across_discontinuity(PixelExtent& pixel);

/// The same by where the corners are: on both sides of +-pi where they are more than half a turn apart, whatever the sense in which the
/// quadrangle goes round (orientations that flip one axis turn it over). Around the centre of the rings they stay that far apart.
void join_corners(PixelExtent& pixel);

/// Part of a pixel that falls in a bin.
struct BinShare {
    std::uint32_t bin;
    float share;
};

/// Bins with increasing edges, the last edge excluded. What lies outside is lost: shares sum to less than 1 at the ends.
class ExactBins {
public:
    explicit ExactBins(std::span<double const> edges) : edges_(edges) {}
    void share_centre(PixelExtent const& pixel, std::vector<BinShare>& out) const;
    void share_bbox(PixelExtent const& pixel, std::vector<BinShare>& out) const;
    /// By area in radius and azimuth; a pixel around the centre of the rings has none, and is shared as bbox.
    void share_full(PixelExtent const& pixel, std::vector<BinShare>& out) const;

private:
    void share_interval(double low, double high, std::vector<BinShare>& out) const;
    std::span<double const> edges_;
};

/// pyFAI 0.21.3's uniform bins: what lies outside is piled into the first and last bin, quotients are truncated toward zero, areas are
/// summed in float32.
class PyfaiBins {
public:
    PyfaiBins(double low, double high, std::size_t bins) : low_(low), width_((high - low) / static_cast<double>(bins)), bins_(bins) {}
    void share_centre(PixelExtent const& pixel, std::vector<BinShare>& out) const;
    void share_bbox(PixelExtent const& pixel, std::vector<BinShare>& out) const;
    void share_full(PixelExtent const& pixel, std::vector<BinShare>& out) const;

private:
    double position(double radial) const { return (radial - low_) / width_; }
    double low_, width_;
    std::size_t bins_;
};

} // namespace sqd
