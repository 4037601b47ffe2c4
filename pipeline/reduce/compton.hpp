// Inelastic (Compton) scattering of the average atom, and what the recoil does to its photons.
#pragma once

#include "pipeline/core/composition.hpp"

#include <vector>

namespace sqd {

/// C(q) = sum c S(q) in electron units: the incoherent scattering function of Hubbell et al. (1975) from xraylib. Below q = 0.08,
/// where the table is not reliable, continued as q^2.
std::vector<double> compton_mean(Composition const& composition, std::vector<double> const& q_invA);

/// E' / E = 1 / (1 + E / m c^2 (1 - cos 2theta)) (Compton 1923).
double compton_energy_ratio(double energy_keV, double cos_two_theta);

/// Klein-Nishina over Thomson cross section where the mean Thomson polarisation factor is P:
/// with k = E'/E, R = k^2 [(k + 1/k) / 2 - 1 + P] / P. Linear in P on both sides, so exact for a bin whose mean P is known; full rings
/// have P = (1 + cos^2 2theta) / 2 for any polarisation, which gives the unpolarised ratio.
/// Klein & Nishina (1929); polarised form in Heitler, Quantum Theory of Radiation (1954), sec. 22.
double klein_nishina_over_thomson(double energy_ratio, double polarization);

/// Mean polarisation factor of a full ring.
double ring_polarization(double cos_two_theta);

} // namespace sqd
