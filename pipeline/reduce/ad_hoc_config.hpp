// What the ad hoc route needs, in PDFgetX3's names.
#pragma once

#include "pipeline/reduce/window.hpp"

namespace sqd {

struct AdHocConfig {
    double rpoly_A = 0.9; ///< r up to which the polynomial takes everything away
    /// Range of the data that scale and polynomial are fitted to, and of the transform; `high`s of 0 = as far as the data go.
    double q_min_invA = 0, q_max_inst_invA = 0, q_max_invA = 0;
    double r_max_A = 20, r_step_A = 0.01;
    Window window = Window::none; ///< PDFgetX3 has none unless it is asked to
};

} // namespace sqd
