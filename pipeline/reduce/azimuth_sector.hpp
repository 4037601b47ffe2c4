// Which pixels lie in a sector of the rings.
#pragma once

#include "pipeline/reduce/integration_config.hpp"
#include "pipeline/reduce/pixel_extent.hpp"

namespace sqd {

/// Tells whether a pixel lies in azimuth_range_deg. Exactly: its centre does, counted up from the sector's begin, so that a pixel is in one
/// of several sectors that join. As pyFAI: any part of it does (bbox: of its extent around the centre), and sectors do not cross +-180
/// degrees.
class AzimuthSector {
public:
    explicit AzimuthSector(IntegrationConfig const& config);
    bool operator()(PixelExtent const& pixel) const;
    /// By the centre alone [rad].
    bool holds(double chi) const;

private:
    Split split_;
    bool exact_, all_ = true;
    double low_ = 0, high_ = 0; ///< rad
};

} // namespace sqd
