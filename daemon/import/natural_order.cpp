#include "daemon/import/natural_order.hpp"

#include <algorithm>

namespace sqd {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes the digits at the front, without leading zeros.
std::string_view take_number(std::string_view& text) {
    auto const digits = text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()));
    text.remove_prefix(digits.size());
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

} // namespace

bool natural_less(std::string_view a, std::string_view b) {
    std::string_view const whole_a = a, whole_b = b;
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            auto const number_a = take_number(a), number_b = take_number(b);
            if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
            if (number_a != number_b) return number_a < number_b;
            continue;
        }
        if (a.front() != b.front()) return a.front() < b.front();
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return a.empty() && b.empty() ? whole_a < whole_b : a.empty();
}

} // namespace sqd
