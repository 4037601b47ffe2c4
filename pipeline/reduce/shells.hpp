// Shells of neighbours in G(r): where they are, how high, how many atoms.
#pragma once

#include "pipeline/core/shell.hpp"
#include "pipeline/reduce/spectrum.hpp"

#include <vector>

namespace sqd {

/// The first up to four maxima of G beyond `from_A` that stand out by at least 20 % of the highest.
///
/// Place: where G' = sum kernel q excess cos(qr) vanishes, by Newton's steps. G is known at every r, so no curve is fitted and an
/// asymmetric shell is not moved. Noise shifts it by -dG' / G'', to second order var(r) = var(G') / G''^2 (1 + 3 var(G'') / G''^2).
/// Height: G there; to first order its place plays no part.
/// Neighbours, where `absolute`: N = int RDF dr, RDF = r G + 4 pi rho0 r^2, from the minimum of the RDF before the maximum to the one after
/// it (Waseda 1980, method C). The integral over r is done in closed form under the sum over q. Between two shells the limit is the
/// lowest minimum; before the first shell it is the nearest minimum that is below half the RDF at the top, or else `from_A`, which no noise
/// moves; after the last the nearest minimum. Where there is none, nothing is counted. A limit r moves by -dRDF' / RDF'', which moves N by
/// RDF(r) dr. Method A of the first shell: twice the integral to the maximum of RDF / r; method B: to that of RDF.
///
/// Errors are statistical and to first order. NaN where the noise of a second derivative is more than sqrt(0.1) of it, at a maximum or a
/// limit: there noise makes its shape. `r_A` are the steps from 0 that `g` is known on. Without spectrum.config.errors all are NaN.
std::vector<Shell> find_shells(Spectrum const& spectrum, std::vector<double> const& r_A, std::vector<double> const& g, double from_A,
                               bool absolute);

} // namespace sqd
