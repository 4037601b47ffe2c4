// Numbers by to_chars, which knows no locale.
#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace sqd {

namespace {

bool known(double sigma) {
    return std::isfinite(sigma) && sigma > 0;
}

/// As many as show two digits of a sigma that begins with 1 or 2, else one; at most 6.
int decimals_of(double sigma, int least) {
    double const magnitude = std::floor(std::log10(sigma));
    bool const begins_low = sigma / std::pow(10, magnitude) < 2.95;
    return static_cast<int>(std::clamp(-magnitude + (begins_low ? 1 : 0), static_cast<double>(least), 6.0));
}

} // namespace

std::string fixed(double value, int decimals) {
    std::array<char, 400> text{}; // the longest double has 309 digits before the point
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
    return {text.data(), end};
}

std::string with_error(double value, double sigma) {
    if (!known(sigma)) return fixed(value, 4);
    int const decimals = decimals_of(sigma, 3);
    return fixed(value, decimals) + " +- " + fixed(sigma, decimals);
}

std::string with_digits(double value, double sigma) {
    if (!known(sigma)) return fixed(value, 4);
    int const decimals = decimals_of(sigma, 0);
    // Below the point the sigma is a whole number of last digits; at it, the number itself.
    return fixed(value, decimals) + "(" + fixed(sigma * std::pow(10, decimals), 0) + ")";
}

std::string signed_digits(double value, double sigma) {
    std::string out(value < 0 ? "" : "+");
    return out += with_digits(value, sigma);
}

std::string short_sigma(double sigma) {
    return fixed(sigma, known(sigma) ? decimals_of(sigma, 0) : 4);
}

std::string labelled_line(std::string const& label, std::string const& value) {
    constexpr std::size_t column = 12;
    return label + std::string(label.size() < column ? column - label.size() : 1, ' ') + value + "\n";
}

std::string printable(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

} // namespace sqd
