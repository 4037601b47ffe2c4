#include "pipeline/stream/regular_gaps.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <map>

namespace sqd {
namespace {

constexpr std::size_t fewest_missing = 8;

/// The distance that nine in ten neighbours have, of 2 and more.
std::optional<std::uint64_t> common_distance(std::vector<std::uint64_t> const& numbers) {
    if (numbers.size() < fewest_missing) return std::nullopt;
    std::map<std::uint64_t, std::size_t> distances;
    for (std::size_t i = 1; i < numbers.size(); ++i) ++distances[numbers[i] - numbers[i - 1]];
    auto const most = std::ranges::max_element(distances, {}, [](auto const& each) { return each.second; });
    bool const common = 10 * most->second >= 9 * (numbers.size() - 1);
    return common && most->first >= 2 ? std::optional(most->first) : std::nullopt;
}

} // namespace

std::optional<RegularGaps> regular_gaps(std::vector<bool> const& came, std::uint64_t first) {
    std::vector<std::uint64_t> here, missing;
    for (std::uint64_t number = first; number < came.size(); ++number) (came[number] ? here : missing).push_back(number);
    while (!missing.empty() && !here.empty() && missing.back() > here.back()) missing.pop_back();
    if (missing.size() < fewest_missing) return std::nullopt;
    if (auto const period = common_distance(here)) return RegularGaps{*period, 1};
    if (auto const period = common_distance(missing)) return RegularGaps{*period, *period - 1};
    return std::nullopt;
}

std::string words(RegularGaps const& gaps, std::uint64_t series_id) {
    return fmt::format("of every {} frames of series {} {} come{} (another client is connected to the detector's stream, which gives each "
                       "message to one client only) disconnect it, or let it listen to source.tap",
                       gaps.period, series_id, gaps.come, gaps.come == 1 ? "s" : "");
}

} // namespace sqd
