// The ad hoc route from I(q) to G(r): no physics beyond form factors, a polynomial takes away what is slow in q.
#pragma once

#include "pipeline/core/ad_hoc_curves.hpp"
#include "pipeline/core/composition.hpp"
#include "pipeline/reduce/ad_hoc_config.hpp"

namespace sqd {

/// Juhas, Davis, Farrow & Billinge, J. Appl. Cryst. 46, 560 (2013), as PDFgetX3 2 does it, on the net intensity: corrected as the norm
/// corrects it, not for the absorption of the sample. On the points of [q_min, q_max_inst]:
///   y = I / <f>^2, t = <f^2> / <f>^2 (Waasmaier-Kirfel, no f', no Compton), a = sum y t / sum y^2,
///   F_m = q (a y - t),  n = rpoly (q_max_inst - q_min) / pi,  k = floor(n), w = n - k,
///   F = F_m - [(1 - w) Q_k + w Q_(k+1)],  Q_k the least squares of F_m by q^1 ... q^k,
/// cut to [q_min, q_max]; G = (2/pi) int F M sin(qr) dq by the trapezoid, nothing below q_min. The scale is arbitrary - the polynomial
/// takes Compton scattering, background and the error of the scale alike - so there is no density in it, and below rpoly no meaning. Data
/// that are not on even steps are brought onto the multiples of their mean step first, by straight lines, as PDFgetX3 does; there s_sigma
/// is rather too large, by up to the square root of 2. Missing bins are left out, of the fits and of the integral. Errors are propagated
/// through scale, polynomial and transform. Throws DataError without a composition, and with fewer than 30 points or fewer than twice the
/// polynomial's degree.
AdHocCurves ad_hoc(Pattern1D const& net, Composition const& composition, AdHocConfig const& config);

} // namespace sqd
