// Photons that scattered twice: an estimate.
#pragma once

#include "pipeline/core/scan.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>

namespace sqd {

/// Twice scattered over once scattered photons, Delta = 1 - exp(-mu_s t): mu_s = what scatters of mu, t = mean way of the beam through the
/// sample (mean_path). An upper estimate: it takes every photon that scattered for one that goes the whole way through the sample once
/// more. Third and higher orders are left out. nullopt where the sample's attenuation is not known.
std::optional<double> multiple_scattering_ratio(Sample const& sample, double energy_keV);

/// Mean over all directions of what the average atom scatters once, P [<f^2> + C R], in electron units. Twice scattered photons forget
/// the first direction: their intensity is taken isotropic, Delta times this mean, in Thomson's units 1 / P of it in a bin
/// (isotropic approximation of the ratio: Soper & Barney, J. Appl. Cryst. 44 (2011) 714; Warren & Mozzi, Acta Cryst. 21 (1966) 459).
double mean_single_scattering(ReductionConfig const& config);

} // namespace sqd
