#include "daemon/composition_words.hpp"

namespace sqd {

std::string composition_words(Composition const& composition) {
    if (!is_off_whole(composition)) return "";
    std::string const whole = composition.written_sum < 2 ? "1" : "100";
    return "the amounts of " + composition.text + " sum to " + sum_text(composition) + ", not to " + whole +
           ": each is divided by that sum (is one of them mistyped?)";
}

} // namespace sqd
