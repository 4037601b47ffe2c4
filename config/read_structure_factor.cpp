// S(q): how the scale is found, what is subtracted, over which range.
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "config/text.hpp"

#include <algorithm>

namespace sqd {

namespace {

constexpr double lowest_kmn_start = 1.0; ///< [1/A]: what is missing below carries no weight in the Krogh-Moe-Norman integral
constexpr double lowest_kmn_cut = 1.75;  ///< [1/A]: data that are there may be left out this far, below any first sharp peak

/// What an absolute scale needs of the sample.
void check_normalization(Document& document, Sample const& sample) {
    Section const section(document, "sample");
    if (sample.composition.elements.empty()) {
        throw section.refuse("composition", "is missing", "S(q) is per atom of it", "write the formula, or structure_factor: none");
    }
    if (!sample.density_g_cm3) {
        auto const cleaned = document.find("pair_distribution.low_r_cut_A") != nullptr;
        throw section.refuse("density_g_cm3", "is missing",
                             std::string("kmn") + (cleaned ? " and low_r_cut_A need" : " needs") + " the number of atoms per volume",
                             "write the density in g/cm^3, or structure_factor: none");
    }
}

NormalizationConfig read_normalization(Section const& section) {
    NormalizationConfig config;
    config.method = section.choice<NormalizationMethod>(
        "normalization",
        {{"kmn", NormalizationMethod::kmn}, {"high_q", NormalizationMethod::high_q}, {"low_r", NormalizationMethod::low_r}});
    config.constant = section.flag("constant");
    if (config.constant && config.method != NormalizationMethod::high_q) {
        throw section.refuse("constant", "cannot be fitted", "only least squares at high q knows a constant",
                             "write normalization: high_q, or constant: false");
    }
    config.low_q = section.choice<LowQ>(
        "low_q", {{"constant", LowQ::constant}, {"linear", LowQ::linear}, {"parabola", LowQ::parabola}, {"none", LowQ::none}});
    config.kmn_damping_A2 = section.number("kmn_damping_A2", {0, 1, "exponent [A^2]"});
    return config;
}

void read_terms(Section const& section, StructureFactorConfig& config) {
    config.laue = section.choice<LaueForm>(
        "laue", {{"faber_ziman", LaueForm::faber_ziman}, {"none", LaueForm::none}, {"ashcroft_langreth", LaueForm::ashcroft_langreth}});
    config.form_factors = section.choice<FormFactorTable>(
        "form_factors", {{"waasmaier_kirfel", FormFactorTable::waasmaier_kirfel}, {"xraylib", FormFactorTable::xraylib}});
    config.compton = section.flag("compton");
    config.recoil = section.flag("recoil");
    config.anomalous = section.flag("anomalous");
    config.fluorescence = section.choice<FluorescenceUse>(
        "fluorescence", {{"auto", FluorescenceUse::computed}, {"fitted", FluorescenceUse::fitted}, {"none", FluorescenceUse::none}});
    config.subtract_multiple_scattering = section.choice<bool>("multiple_scattering", {{"report", false}, {"subtract", true}});
}

void read_range(Section const& section, std::pair<double, double> const& data, StructureFactorConfig& config) {
    Limits const limits{0, 100, "q [1/A]"};
    config.q_min_invA = section.number("q_min_invA", limits, std::max(0.5, data.first));
    config.q_max_invA = section.number("q_max_invA", limits, data.second);
    auto const reach = "the data go from " + range_text(inward(data)) + " 1/A";
    if (above(config.q_max_invA, data.second)) {
        throw section.refuse("q_max_invA", render(config.q_max_invA) + " is beyond the data", reach,
                             "lower it, or widen integration.radial_range");
    }
    if (above(data.first, config.q_min_invA)) {
        throw section.refuse("q_min_invA", render(config.q_min_invA) + " is before the data", reach,
                             "raise it, or widen integration.radial_range");
    }
    bool const sum_rule = config.normalization.method == NormalizationMethod::kmn;
    if (sum_rule && (above(data.first, lowest_kmn_start) || above(config.q_min_invA, lowest_kmn_cut))) {
        throw section.refuse("normalization", "kmn cannot be used",
                             "q starts at " + render(config.q_min_invA) + ", it needs data from 1 1/A or below, and of them all from 1.75",
                             "write structure_factor: none and fsdp: {on: pattern}");
    }
    if (!above(config.q_max_invA, config.q_min_invA)) {
        throw section.refuse("q_max_invA", "is not above q_min_invA", range_text({config.q_min_invA, config.q_max_invA}),
                             "write a larger one");
    }
}

} // namespace

std::optional<StructureFactorConfig> read_structure_factor(Document& document, Sample const& sample,
                                                           std::pair<double, double> const& data) {
    Section const section(document, "structure_factor");
    if (section.is_none()) return std::nullopt;
    check_normalization(document, sample);
    StructureFactorConfig config;
    config.normalization = read_normalization(section);
    read_terms(section, config);
    read_range(section, data, config);
    return config;
}

void check_low_r(Document& document, ReductionConfig const& reduction) {
    auto const& sq = reduction.structure_factor;
    if (!sq || sq->normalization.method != NormalizationMethod::low_r) return;
    if (reduction.pair_distribution && reduction.pair_distribution->low_r_cut_A > 0) return;
    throw Section(document, "structure_factor")
        .refuse("normalization", "low_r cannot be used", "it needs to know below which r no atoms meet",
                "write pair_distribution.low_r_cut_A, or normalization: kmn");
}

} // namespace sqd
