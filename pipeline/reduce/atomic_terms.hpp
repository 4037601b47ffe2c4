// What the atoms of a sample scatter by themselves, at given q.
#pragma once

#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/reduction.hpp"

#include <optional>
#include <vector>

namespace sqd {

/// Averages over the composition that hang on nothing that is measured. Tables make them slow: who reduces the same bins again and again
/// keeps them (ReductionConfig::atoms).
struct AtomicTerms {
    Composition composition; ///< that they are of
    std::optional<double> anomalous_energy_keV;
    FormFactorTable form_factors = FormFactorTable::waasmaier_kirfel;
    std::vector<double> q_invA;
    FormFactorAverages f;
    std::vector<double> compton; ///< C(q); empty = not asked for
};

AtomicTerms atomic_terms(std::vector<double> const& q_invA, ReductionConfig const& config);

/// Whether atomic_terms would give the same.
bool same_atoms(AtomicTerms const& terms, std::vector<double> const& q_invA, ReductionConfig const& config);

} // namespace sqd
