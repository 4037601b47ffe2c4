// What atoms scatter, absorb and emit, straight from the tables: the forward model's own copy of atomic physics.
#pragma once

#include "pipeline/core/composition.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sqd::simulated {

/// Per average atom, in electron units, at one q.
struct AtomicTerms {
    double mean_square = 0; ///< <f^2> = sum c |f0 + f' + i f''|^2
    double square_mean = 0; ///< <f>^2 = |sum c (f0 + f' + i f'')|^2
    double compton = 0;     ///< sum c S(q), the incoherent scattering function
};

/// One characteristic line that the beam excites.
struct FluorescenceLine {
    int z = 0;
    double energy_keV = 0;
    double cross_section_A2 = 0; ///< per average atom, into all directions
};

/// A material in a beam of one energy. f0 is Waasmaier & Kirfel's; f', f'', S(q), attenuation and lines are xraylib's.
class Material {
public:
    Material(Composition composition, double density_g_cm3, double energy_keV);

    AtomicTerms terms(double q_invA) const;
    /// Linear attenuation coefficient (total, with coherent scattering) [1/cm].
    double attenuation_per_cm(double energy_keV) const;
    /// Lines above `threshold_keV`, with their cross sections at the beam's energy.
    std::vector<FluorescenceLine> lines_above(double threshold_keV) const;
    /// rho0 = N_A density / mean mass [atoms/A^3].
    double number_density_A3() const;

private:
    struct Element {
        int z;
        double fraction, mass, f1, f2; ///< atomic fraction, g/mol, f', f'' at the beam's energy
    };
    std::vector<Element> elements_;
    double density_g_cm3_, energy_keV_, mean_mass_ = 0;
};

/// f0 of the neutral atom at s = q / 4 pi (Waasmaier & Kirfel 1995, eq. 1) [electrons].
double form_factor(int z, double q_invA);
/// Incoherent scattering function of an atom; below xraylib's table it grows as q^2.
double incoherent_function(int z, double q_invA);
/// Linear attenuation of a detector's sensor [1/cm]: "Si", "CdTe" or "GaAs". Throws DataError for another.
double sensor_attenuation_per_cm(std::string const& material, double energy_keV);

} // namespace sqd::simulated
