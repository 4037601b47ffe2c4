// Names of the states of a result.
#include "pipeline/core/results.hpp"

namespace sqd {

std::string name(ResultState state) {
    switch (state) {
    case ResultState::partial: return "partial";
    case ResultState::final: return "final";
    case ResultState::aborted: return "aborted";
    }
    return "unknown";
}

} // namespace sqd
