// Takes camserver's file names apart.
#include "detectors/camserver/file_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sqd {

namespace {

constexpr std::array extensions{"cbf", "tif", "tiff", "edf"};
constexpr std::size_t fewest_digits = 3;

std::optional<std::uint64_t> count_of(std::string_view digits) {
    if (digits.size() < fewest_digits || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

} // namespace

std::optional<CamserverName> parse_camserver_name(std::string_view path) {
    auto const name = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    auto const dot = name.rfind('.');
    if (dot == name.npos || dot == 0) return std::nullopt;
    CamserverName parsed;
    for (char const c : name.substr(dot + 1)) parsed.extension += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (std::ranges::find(extensions, parsed.extension) == extensions.end()) return std::nullopt;
    auto const stem = name.substr(0, dot);
    auto const underscore = stem.rfind('_');
    auto const digits = underscore == stem.npos ? std::string_view{} : stem.substr(underscore + 1);
    auto const count = count_of(digits);
    parsed.base = count ? stem.substr(0, underscore) : stem;
    if (parsed.base.empty()) return std::nullopt;
    parsed.number = count.value_or(0);
    parsed.digits = count ? static_cast<unsigned>(digits.size()) : 0;
    return parsed;
}

} // namespace sqd
