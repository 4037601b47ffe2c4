// What scattered photons lose between sample and detector: in air and in a window.
#pragma once

#include "pipeline/core/composition.hpp"

#include <optional>

namespace sqd {

/// Dry air before the detector, its layer measured along the detector's normal.
struct AirPath {
    double length_m = 0;
    double pressure_hPa = 1013.25, temperature_C = 20;
};

/// A flat window behind the sample.
struct Absorber {
    Composition material;
    double density_g_cm3 = 0, thickness_um = 0;
    bool faces_beam = false; ///< perpendicular to the beam; else parallel to the detector
};

/// mu t at normal incidence of all layers of one direction.
struct RayAttenuation {
    double along_detector = 0; ///< of layers parallel to the detector
    double along_beam = 0;     ///< of layers perpendicular to the beam

    double normal() const { return along_detector + along_beam; }
    /// Transmission of a ray relative to normal incidence, exp[-mu t (1/cos - 1)], cos that of the angle with the layer's normal. 0 for a
    /// ray that never crosses its layer.
    double relative_transmission(double cos_incidence, double cos_two_theta) const;
};

/// Total attenuation (xraylib; absorbed and scattered photons are both lost) of what is given. Air is an ideal gas of nitrogen, oxygen,
/// argon and carbon. Throws DataError for an energy outside xraylib's tables.
RayAttenuation ray_attenuation(std::optional<AirPath> const& air, std::optional<Absorber> const& absorber, double energy_keV);

} // namespace sqd
