// The virtual glass in its beam, as a function of q alone: all that one pixel's share of rays needs to be turned into counts.
#pragma once

#include "daemon/simulate/atomic_terms.hpp"
#include "daemon/simulate/glass_structure.hpp"
#include "pipeline/core/composition.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sqd::simulated {

/// What the beam meets. Thickness along the beam.
struct GlassSample {
    Composition composition;
    double density_g_cm3 = 0, thickness_um = 0;
    std::optional<double> transmission; ///< as measured; absent = exp(-mu t)
    double air_path_mm = 0;             ///< of air that the detector sees, all of it scattering as if at the sample
    double upstream_fraction = 0;       ///< of that path before the sample
};

/// The beam and the detector's answer to it.
struct GlassBeam {
    double energy_keV = 0, threshold_keV = 0, polarization_factor = 0;
    std::string sensor_material; ///< empty = every photon is counted
    double sensor_thickness_um = 0;
};

/// Scattered per incident photon and steradian, before polarisation and sensor: r_e^2 times electron units times atoms per area.
/// "free" terms are of air beside the sample (transmission 1); `*_through` of the air as seen with the sample in the beam.
struct RadialTerms {
    double coherent, compton;         ///< of the sample, with its absorption
    double air_coherent, air_compton; ///< of the whole air path
    double energy_ratio;              ///< E'/E of Compton photons
    double compton_sensor_depth;      ///< mu(E') times sensor thickness, at normal incidence
};

/// A fluorescence line as the detector sees it.
struct VisibleLine {
    FluorescenceLine line;
    double exit_depth;    ///< mu(E_line) t of the sample
    double sensor_depth;  ///< mu(E_line) times sensor thickness
    double per_steradian; ///< atoms per area times cross section / 4 pi
};

/// Scattering angles must stay below 90 degrees (DataError): the sample is seen in transmission.
class GlassScattering {
public:
    GlassScattering(GlassSample const& sample, GlassBeam const& beam, double q_max_invA);

    RadialTerms radial(double q_invA) const;
    /// Sum over lines, per incident photon and steradian, with exit absorption and the sensor's efficiency at that incidence.
    double fluorescence(double cos_two_theta, double cos_incidence) const;
    /// Share of photons counted, elastic.
    double efficiency(double cos_incidence) const;

    GlassStructure const& structure() const { return structure_; }
    Material const& material() const { return material_; }
    std::vector<VisibleLine> const& lines() const { return lines_; }
    double transmission() const { return transmission_; }
    double absorption_depth() const { return depth_; } ///< mu t of the sample
    double sensor_depth() const { return sensor_depth_; }
    double atoms_per_A2() const { return atoms_per_A2_; }
    double wavelength_A() const { return wavelength_A_; }
    /// Air reaches the detector with this weight when the sample is in the beam.
    double air_through() const { return air_through_; }

private:
    static constexpr std::size_t columns = 6;
    RadialTerms exact(double q_invA, GlassSample const& sample, GlassBeam const& beam) const;

    Material material_;
    GlassStructure structure_;
    double wavelength_A_, depth_, sensor_depth_, atoms_per_A2_, transmission_, air_through_;
    std::vector<VisibleLine> lines_;
    std::vector<std::array<double, columns>> table_; ///< RadialTerms at multiples of a fixed step
};

/// Share of the radiation that a plate at right angles to the beam lets out at 2 theta when it comes in along `in_depth` = mu t and
/// leaves along `exit_depth` = mu' t / cos(2 theta): [exp(-in) - exp(-exit)] / (exit - in).
double plate_escape(double in_depth, double exit_depth);

} // namespace sqd::simulated
