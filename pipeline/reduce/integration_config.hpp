// How pixels become bins, and what a bin reports. Names and meaning are pyFAI's.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/reduce/cake_config.hpp"
#include "pipeline/reduce/flat_field.hpp"
#include "pipeline/reduce/ray_attenuation.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// The detector's sensor, for its efficiency at oblique incidence.
struct Sensor {
    std::string material; ///< "Si", "CdTe", "GaAs"
    double thickness_um = 0;
    bool operator==(Sensor const&) const = default;
};

/// A pixel goes whole to the bin of its centre; or is shared by the radial extent of its corners as if it were uniform there (bbox), or by
/// the area of the quadrangle of its corners in radius and azimuth (full).
enum class Split { none, bbox, full };

/// weighted: sum of counts over sum of norm (pyFAI); unweighted: mean of counts over norm (azint).
enum class Average { weighted, unweighted };

/// Where a bin's sigma comes from: counting; the scatter of the pixels along the ring; or, with outliers, that scatter for their cut and
/// counting for the result.
enum class ErrorModel { poisson, azimuthal, hybrid };

/// Averages along the ring that do not follow a few pixels.
struct Outliers {
    enum class Method { none, sigma_clip, quantile };
    Method method = Method::none;
    double threshold = 5;         ///< sigma_clip: standard deviations, at least Chauvenet's criterion; 0 = that alone
    int most_rounds = 5;          ///< sigma_clip
    double low = 0.5, high = 0.5; ///< quantile: the pixels between these are averaged; both 0.5 = median
};

struct IntegrationConfig {
    std::size_t npt = 1000;
    RadialUnit unit = RadialUnit::q_invA;
    std::optional<std::pair<double, double>> radial_range; ///< in `unit`; absent = all valid pixels
    std::vector<double> edges;                             ///< in `unit`, increasing; not empty: instead of npt and radial_range
    bool log_spacing = false;                              ///< edges in geometric progression; needs a radial_range above 0
    /// Sector in degrees of chi: from the first, counted up, to the second; it may cross +-180. Absent = all around.
    std::optional<std::pair<double, double>> azimuth_range_deg;
    Split split = Split::none;
    Average average = Average::weighted;
    ErrorModel error_model = ErrorModel::poisson;
    bool solid_angle = true;                   ///< cos^n of the incidence angle
    double solid_angle_order = 3;              ///< n: 3 for a flat detector; pyFAI's correctSolidAngle
    std::optional<double> polarization_factor; ///< absent = no correction; Kahn et al. 1982
    double polarization_offset_deg = 0;        ///< of the polarisation's axis from chi = 0: P at chi is that at chi + offset without it
    bool sensor_efficiency = true;             ///< 1 - exp(-mu d / cos) relative to normal incidence
    std::optional<AirPath> air;                ///< its transmission relative to normal incidence
    std::optional<Absorber> absorber;          ///< the same of a window
    std::shared_ptr<FlatField const> flat;     ///< of the detector's shape; null = no correction
    Outliers outliers;
    /// pyFAI 0.21.3: its float32 pixel positions, its edges, what lies outside a range piled into the edge bins, its variances.
    bool pyfai_compat = false;

    std::optional<CakeConfig> cake; ///< absent = none is made

    /// True where counts per bin do not say it all: the pattern is made of the sum of the images. pyFAI's Poisson
    /// variance is the sum over pixels of max(1, counts).
    bool needs_pixels() const {
        return pyfai_compat || split != Split::none || average != Average::weighted || error_model != ErrorModel::poisson ||
               outliers.method != Outliers::Method::none;
    }
};

} // namespace sqd
