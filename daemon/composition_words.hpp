// What to say of a composition whose amounts do not make a whole.
#pragma once

#include "pipeline/core/composition.hpp"

#include <string>

namespace sqd {

/// Empty where there is nothing to say.
std::string composition_words(Composition const& composition);

} // namespace sqd
