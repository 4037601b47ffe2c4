// What the atoms of a sample scatter by themselves, at given q.
#include "pipeline/reduce/atomic_terms.hpp"

#include "pipeline/reduce/compton.hpp"

namespace sqd {

namespace {

std::optional<double> anomalous_energy_keV(ReductionConfig const& config) {
    return config.structure_factor->anomalous ? std::optional(config.energy_keV) : std::nullopt;
}

} // namespace

AtomicTerms atomic_terms(std::vector<double> const& q_invA, ReductionConfig const& config) {
    auto const& options = *config.structure_factor;
    AtomicTerms out{config.sample.composition, anomalous_energy_keV(config), options.form_factors, q_invA, {}, {}};
    out.f = form_factor_averages(out.composition, q_invA, out.anomalous_energy_keV, out.form_factors);
    if (options.compton) out.compton = compton_mean(out.composition, q_invA);
    return out;
}

bool same_atoms(AtomicTerms const& terms, std::vector<double> const& q_invA, ReductionConfig const& config) {
    auto const& options = *config.structure_factor;
    return terms.composition == config.sample.composition && terms.anomalous_energy_keV == anomalous_energy_keV(config) &&
           terms.form_factors == options.form_factors && (!options.compton || terms.compton.size() == q_invA.size()) &&
           terms.q_invA == q_invA;
}

} // namespace sqd
