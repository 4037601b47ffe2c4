#include "daemon/export/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sqd {

std::string shortest(double value) {
    if (std::isnan(value)) return "nan"; // never with a sign
    std::array<char, 32> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

void append_number(std::string& out, double value, int digits, std::size_t width) {
    std::array<char, 48> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, digits).ptr;
    auto const length = static_cast<std::size_t>(end - text.data());
    if (length < width) out.append(width - length, ' ');
    out.append(text.data(), length);
}

} // namespace sqd
