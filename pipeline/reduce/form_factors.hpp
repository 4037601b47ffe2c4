// Elastic scattering of the average atom: <f^2> and <f>^2.
#pragma once

#include "pipeline/core/composition.hpp"
#include "pipeline/reduce/structure_factor_config.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// Averages over the composition, in electron units, one value per q.
struct FormFactorAverages {
    std::vector<double> f2_mean; ///< <f^2> = sum c |f|^2
    std::vector<double> f_mean2; ///< <f>^2 = |sum c f|^2
};

/// f = f0(q) + f' + i f'': f0 of the table at s = q / 4 pi, f' and f'' of xraylib at `anomalous_energy_keV` (absent = 0). Throws DataError
/// for an element without a form factor.
FormFactorAverages form_factor_averages(Composition const& composition, std::vector<double> const& q_invA,
                                        std::optional<double> anomalous_energy_keV,
                                        FormFactorTable table = FormFactorTable::waasmaier_kirfel);

/// f0 of one neutral atom [electrons].
double form_factor(int z, double q_invA, FormFactorTable table = FormFactorTable::waasmaier_kirfel);

} // namespace sqd
