// How the scale of one atom is found.
#pragma once

#include "pipeline/reduce/low_q.hpp"

#include <string>

namespace sqd {

/// The sum rule over all q (Krogh-Moe, Norman); least squares where S oscillates about 1; what G(r) is where no atoms meet (Eggert).
enum class NormalizationMethod { kmn, high_q, low_r };
std::string name(NormalizationMethod method);

struct NormalizationConfig {
    NormalizationMethod method = NormalizationMethod::kmn;
    bool constant = false; ///< with high_q: and a constant number of electron units beside the self terms
    LowQ low_q = LowQ::constant;
    double kmn_damping_A2 = 0; ///< factor exp(-a q^2) in both integrals of kmn
    double low_r_cut_A = 0;    ///< below it no atoms meet; 0 = not known
};

} // namespace sqd
