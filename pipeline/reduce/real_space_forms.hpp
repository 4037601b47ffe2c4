// The other forms of G(r): each is linear in it.
#pragma once

#include "pipeline/core/curves.hpp"

#include <vector>

namespace sqd {

/// Where the scale of G is absolute; empty otherwise. All as long as r.
struct RealSpaceForms {
    std::vector<double> pair, pair_sigma; ///< g(r) = 1 + G / (4 pi rho0 r)
    std::vector<double> rdf, rdf_sigma;   ///< RDF(r) = r G + 4 pi rho0 r^2 [1/A]
    std::vector<double> total;            ///< T(r) = RDF / r [1/A^2]; its errors are those of G
};
RealSpaceForms real_space_forms(PairDistribution const& gr);

} // namespace sqd
