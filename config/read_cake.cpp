// integration.cake: the pattern resolved in azimuth.
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <cmath>
#include <string>

namespace sqd {

namespace {

constexpr std::size_t most_cells = 4'000'000; ///< 128 MB of result; more would be as many as a detector has pixels

void check_range(Section const& section, double low, double high, bool pyfai_compat) {
    if (low == high) throw section.refuse("azimuth_range", "is empty", "it begins where it ends", "write [-180, 180] for the whole ring");
    if (std::abs(high - low) > 360)
        throw section.refuse("azimuth_range", range_text({low, high}) + " is more than a turn", "a pixel has one azimuth",
                             "write at most 360 degrees");
    if (pyfai_compat && (low < -180 || high > 180 || high < low))
        throw section.refuse("azimuth_range", range_text({low, high}) + " crosses 180 degrees", "pyFAI 0.21.3 does not go round",
                             "stay between -180 and 180");
}

} // namespace

std::optional<CakeConfig> read_cake(Document& document, IntegrationConfig const& integration) {
    Section const section(document, "integration.cake");
    if (section.is_none()) return std::nullopt;
    if (integration.pyfai_compat && integration.split == Split::full)
        throw Section(document, "integration")
            .refuse("cake", "cannot be as pyFAI's with split: full",
                    "pyFAI 0.21.3 shares pixels in two dimensions by other numbers than areas", "write split: bbox, or compat: none");
    CakeConfig cake;
    cake.npt_azim = section.integer("npt_azim", {1, static_cast<double>(most_bins), "number of azimuthal bins"});
    if (cake.npt_azim * integration.npt > most_cells)
        throw section.refuse("npt_azim", std::to_string(cake.npt_azim) + " x " + std::to_string(integration.npt) + " cells are too many",
                             "a result has at most " + std::to_string(most_cells), "write fewer, or lower integration.npt");
    auto const range = section.numbers_or("azimuth_range", "auto", 2, {-360, 360, "degrees of chi"});
    cake.azimuth_range_deg.reset();
    if (!range) return cake;
    check_range(section, range->front(), range->back(), integration.pyfai_compat);
    cake.azimuth_range_deg = std::pair{range->front(), range->back()};
    return cake;
}

} // namespace sqd
