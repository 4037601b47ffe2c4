// What a scan's images say of the instrument and of what stands in the beam, beside the curves.
#pragma once

#include "pipeline/core/curves.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A pixel that counts too much for its ring, as it would join a mask.
struct HotPixel {
    std::size_t row = 0, col = 0;
    std::uint64_t counts = 0;
    double expected = 0; ///< counts at the rate of the others of its ring
    double norm = 0;     ///< its part of the ring's norm, less where it was invalid in some frames
    bool operator==(HotPixel const&) const = default;
};

/// A line or the spots of a crystal: neighbouring bins that stand out.
struct BraggLine {
    double q_invA;           ///< mean of the bins, weighted by their excess in sigmas
    double width_invA;       ///< that the bins cover
    double variance_excess;  ///< largest variance ratio over that of the neighbourhood, less 1; 0 where only the mean stands out
    double intensity_excess; ///< largest, of the intensity around it; 0 where only the variance stands out
    double significance;     ///< of the best bin, in normal sigmas
    std::string phase;       ///< a guess: a watched phase, or "unknown"
};

/// What has to be added to the geometry in force to meet a calibrant's rings.
struct GeometryShift {
    Measured distance_m, poni1_m, poni2_m;
    std::optional<Measured> rot1_rad, rot2_rad; ///< where they were free
    double chi2 = 0;                            ///< of the points, with their own sigma
    double scatter_px = 0;                      ///< beyond that sigma: coarse grains, texture, an uneven detector
    std::size_t degrees_of_freedom = 0;
    std::vector<std::size_t> outliers; ///< indices of points that were left out
};

/// One ring of a calibrant, in the geometry in force.
struct RingFound {
    std::array<int, 3> hkl;
    double q_theory_invA;
    Measured q_invA;     ///< weighted mean over its sectors, sigma with the scatter about the fit; NaN without any
    std::size_t sectors; ///< used
};

enum class CalibrationVerdict {
    undetermined, ///< too few sectors, or the distance is known too badly to say that it holds
    holds,
    shifted, ///< distance, centre or tilt, by more than 3 sigma and by more than matters
};

/// Name of a verdict as it appears in results.
constexpr char const* name(CalibrationVerdict verdict) {
    switch (verdict) {
    case CalibrationVerdict::undetermined: return "undetermined";
    case CalibrationVerdict::holds: return "holds";
    case CalibrationVerdict::shifted: return "shifted";
    }
    return "unknown";
}

/// A calibrant's rings against the geometry in force.
struct CalibrationCheck {
    std::string calibrant;               ///< its formula
    std::vector<RingFound> rings;        ///< q ascending
    std::size_t sectors = 0;             ///< used, of all rings
    std::optional<GeometryShift> shift;  ///< with the tilt of the geometry in force
    std::optional<GeometryShift> tilted; ///< with a free tilt, where it is determined
    Measured relative_q;                 ///< (true q - q in force) / q at the FSDP, from the shift of the distance
    bool distance_shifted = false, centre_shifted = false, tilt_shifted = false;
    CalibrationVerdict verdict = CalibrationVerdict::undetermined;
};

/// Of one scan, from the sum of its images.
struct Findings {
    std::vector<HotPixel> hot_pixels; ///< in the order of the image; left out of the curves
    std::vector<BraggLine> lines;     ///< q ascending; their bins are left out of fits
    std::optional<CalibrationCheck> calibration;
    std::vector<std::string> flags; ///< "hot_pixels_too_many", "lines_not_watched:bins"
};

} // namespace sqd
