// How S(q) is made of the net pattern.
#pragma once

#include "pipeline/reduce/normalization_config.hpp"

namespace sqd {

/// S = 1 + (I_c - <f^2>) / <f>^2; I_c / <f>^2, as some papers print it; I_c / <f^2>.
enum class LaueForm { faber_ziman, none, ashcroft_langreth };

/// f0: Waasmaier & Kirfel (1995), or xraylib's (Hubbell et al. 1975), which other programs use.
enum class FormFactorTable { waasmaier_kirfel, xraylib };

/// Lines above the threshold: not looked at; subtracted as the tables have them; their amplitude fitted.
enum class FluorescenceUse { none, computed, fitted };

struct StructureFactorConfig {
    NormalizationConfig normalization;
    LaueForm laue = LaueForm::faber_ziman;
    FormFactorTable form_factors = FormFactorTable::waasmaier_kirfel;
    bool compton = true;
    bool recoil = true; ///< of Compton photons: Klein-Nishina factor and lower energy; false = as Thomson's, for comparisons
    bool anomalous = true;
    FluorescenceUse fluorescence = FluorescenceUse::computed;
    bool subtract_multiple_scattering = false; ///< else it is reported only
    /// 1 but where a systematic term is worked out: multiply what was found or computed.
    double scale_factor = 1, compton_factor = 1, fluorescence_factor = 1;
    double q_min_invA = 0.5, q_max_invA = 20;
};

} // namespace sqd
