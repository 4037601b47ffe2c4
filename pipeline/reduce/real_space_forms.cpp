// The other forms of G(r).
#include "pipeline/reduce/real_space_forms.hpp"

#include <cstddef>
#include <numbers>

namespace sqd {

RealSpaceForms real_space_forms(PairDistribution const& gr) {
    RealSpaceForms out;
    if (!(gr.density_A3 > 0)) return out;
    double const density = 4 * std::numbers::pi * gr.density_A3;
    for (std::size_t i = 0; i < gr.r_A.size(); ++i) {
        double const r = gr.r_A[i];
        out.pair.push_back(1 + gr.g[i] / (density * r));
        out.pair_sigma.push_back(gr.g_sigma[i] / (density * r));
        out.rdf.push_back(r * gr.g[i] + density * r * r);
        out.rdf_sigma.push_back(r * gr.g_sigma[i]);
        out.total.push_back(gr.g[i] + density * r);
    }
    return out;
}

} // namespace sqd
