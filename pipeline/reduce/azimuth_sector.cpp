#include "pipeline/reduce/azimuth_sector.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sqd {

using std::numbers::pi;

AzimuthSector::AzimuthSector(IntegrationConfig const& config) : split_(config.split), exact_(!config.pyfai_compat) {
    if (!config.azimuth_range_deg) return;
    all_ = false;
    low_ = config.azimuth_range_deg->first * pi / 180;
    high_ = config.azimuth_range_deg->second * pi / 180;
    if (high_ <= low_) high_ += 2 * pi;
}

bool AzimuthSector::holds(double chi) const {
    if (all_ || (exact_ && high_ - low_ >= 2 * pi)) return true;
    if (!exact_) return chi >= low_ && chi <= high_;
    return std::fmod(chi - low_ + 4 * pi, 2 * pi) < high_ - low_;
}

bool AzimuthSector::operator()(PixelExtent const& pixel) const {
    if (all_ || exact_ || split_ == Split::none) return holds(pixel.chi);
    if (split_ == Split::bbox) {
        double const half = half_opening_rad(pixel);
        return !(pixel.chi + half < low_ || pixel.chi - half > high_);
    }
    auto const [first, last] = std::minmax_element(pixel.corner_chi.begin(), pixel.corner_chi.end());
    return !(*last < low_ || *first > high_);
}

} // namespace sqd
