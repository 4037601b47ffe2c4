// Elastic scattering of the average atom.
#include "pipeline/reduce/form_factors.hpp"

#include "pipeline/core/waasmaier_kirfel.hpp"
#include "pipeline/reduce/lane_loops.hpp"

#include <xraylib/xraylib.h>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

double form_factor(int z, double q_invA, FormFactorTable table) {
    double const s = q_invA / (4 * std::numbers::pi);
    if (table == FormFactorTable::xraylib) return FF_Rayl(z, s, nullptr);
    auto const& row = waasmaier_kirfel(z);
    double f0 = row.c;
    for (std::size_t i = 0; i < row.a.size(); ++i) f0 += row.a[i] * std::exp(-row.b[i] * s * s);
    return f0;
}

namespace {

std::vector<double> form_factors(int z, std::vector<double> const& q_invA, FormFactorTable table) {
    std::vector<double> out(q_invA.size());
    if (table == FormFactorTable::xraylib) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = form_factor(z, q_invA[i], table);
        return out;
    }
    auto const& row = waasmaier_kirfel(z);
    std::vector<double> square(out.size()), decay(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) square[i] = std::pow(q_invA[i] / (4 * std::numbers::pi), 2);
    out.assign(out.size(), row.c);
    for (std::size_t k = 0; k < row.a.size(); ++k) {
        exponentials(square, -row.b[k], decay);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += row.a[k] * decay[i];
    }
    return out;
}

} // namespace

FormFactorAverages form_factor_averages(Composition const& composition, std::vector<double> const& q_invA,
                                        std::optional<double> anomalous_energy_keV, FormFactorTable table) {
    std::vector<double> f2(q_invA.size()), re(q_invA.size()), im(q_invA.size());
    for (auto const& e : composition.elements) {
        // xraylib returns 0 where it has no value, and f'' with the opposite sign
        double const f1 = anomalous_energy_keV ? Fi(e.z, *anomalous_energy_keV, nullptr) : 0;
        double const f2_prime = anomalous_energy_keV ? -Fii(e.z, *anomalous_energy_keV, nullptr) : 0;
        auto const f0 = form_factors(e.z, q_invA, table);
        for (std::size_t i = 0; i < q_invA.size(); ++i) {
            double const f = f0[i] + f1;
            f2[i] += e.fraction * (f * f + f2_prime * f2_prime);
            re[i] += e.fraction * f;
            im[i] += e.fraction * f2_prime;
        }
    }
    for (std::size_t i = 0; i < q_invA.size(); ++i) re[i] = re[i] * re[i] + im[i] * im[i];
    return {std::move(f2), std::move(re)};
}

} // namespace sqd
