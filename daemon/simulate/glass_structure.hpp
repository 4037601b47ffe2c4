// The atoms of the virtual glass: a known g(r), and the S(q) that belongs to it.
#pragma once

#include "daemon/simulate/uniform_table.hpp"

namespace sqd::simulated {

/// Structure of a simple metallic glass. g(r) is zero below about 2.2 A, has its first shells near 2.75 and 3.1 A and a medium-range
/// oscillation that makes the first sharp diffraction peak of S(q) near 2.624 1/A (height 3, full width at half of it 0.46; above a sloping
/// line 0.38); S(q) is positive. The constants are those of a glass of 0.06049 atoms/A^3. Another density is the same structure, scaled:
/// every distance goes with the cube root of the volume per atom, and S(q) with its inverse, so that S keeps its heights and stays
/// positive.
class GlassStructure {
public:
    /// S is tabulated up to `q_max_invA`.
    GlassStructure(double number_density_A3, double q_max_invA);

    double number_density_A3() const { return density_; }
    /// Pair distribution function, weighted as X-rays see it (Faber-Ziman): 1 far away.
    double g(double r_A) const;
    /// S(q) = 1 + 4 pi rho0 / q * int r [g(r) - 1] sin(q r) dr.
    double s(double q_invA) const { return s_(q_invA); }
    /// The quadrature behind s(): trapezoid over the tabulated r, spectrally accurate because the integrand is smooth and even.
    double s_exact(double q_invA) const;

    double r_step_A() const { return r_step_; } ///< of the quadrature
    double r_max_A() const { return r_max_; }

private:
    double density_, scale_, r_step_, r_max_;
    std::vector<double> r_g_minus_one_; ///< r [g(r) - 1] at i * r_step
    UniformTable s_;
};

} // namespace sqd::simulated
