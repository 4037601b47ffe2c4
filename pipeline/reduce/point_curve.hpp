// The curve of one point of a scan, on the scale of the scan's mean.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/scan_counts.hpp"

#include <memory>
#include <optional>

namespace sqd {

struct PointCurve {
    Pattern1D pattern;            ///< I = counts / norm, sigma by Poisson's law
    std::optional<Pattern1D> net; ///< less the background
};

/// Of the counts as they are: neither dark nor dead time nor hot pixels are taken out of them. `background` is what the scan's mean had
/// subtracted from it, `scale` times, on the same axis (assert); null = nothing. Its error is common to all points.
PointCurve point_curve(BinMap const& bins, std::shared_ptr<FrameCounts const> const& point, Pattern1D const* background, double scale);

} // namespace sqd
