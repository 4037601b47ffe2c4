// The bins of a pattern: npt and radial_range, in even steps or even ratios, or edges.
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "config/reach.hpp"
#include "config/text.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <string>
#include <vector>

namespace sqd {

namespace {

void check_on_detector(Section const& section, std::string const& key, std::pair<double, double> const& range,
                       std::pair<double, double> const& reach, RadialUnit unit) {
    if (!above(reach.first, range.first) && !above(range.second, reach.second)) return;
    throw section.refuse(key, range_text(range) + ' ' + name(unit) + " is not all on the detector",
                         "it reaches " + range_text(inward(reach)), "stay inside");
}

std::pair<double, double> read_range(Section const& section, std::pair<double, double> const& reach, IntegrationConfig& config) {
    auto const written = section.numbers_or("radial_range", "auto", 2, {0, 1e6, "low and high end in `unit`"});
    if (!written) return reach;
    auto const low = written->front(), high = written->back();
    if (!(low < high))
        throw section.refuse("radial_range", "low end is not below the high end", range_text({low, high}), "write [low, high]");
    check_on_detector(section, "radial_range", {low, high}, reach, config.unit);
    config.radial_range = {low, high};
    return {low, high};
}

void check_edges(Section const& section, std::vector<double> const& edges) {
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        if (edges[i] < edges[i + 1]) continue;
        throw section.refuse("edges", render(edges[i + 1]) + " follows " + render(edges[i]), "edges of bins increase",
                             "sort them, each once");
    }
    if (edges.size() - 1 > most_bins)
        throw section.refuse("edges", "has " + std::to_string(edges.size() - 1) + " bins", "they are numbered in 16 bits",
                             "write 65535 edges or fewer");
}

} // namespace

std::pair<double, double> read_axis(Section const& section, Geometry const& geometry, IntegrationConfig& config) {
    auto const reach = reachable_range(geometry, config.unit);
    auto const edges = section.list_or("edges", "none", 2, {0, 1e6, "increasing edges of bins in `unit`"});
    auto const npt = section.integer_or("npt", "none", {1, static_cast<double>(most_bins), "number of bins"},
                                        edges ? std::optional<std::string>("none") : std::nullopt);
    auto const range = read_range(section, reach, config);
    config.log_spacing = section.choice<bool>("spacing", {{"even", false}, {"log", true}});
    if (!edges) {
        if (!npt) throw section.refuse("npt", "is none", "edges is none, too", "write the number of bins");
        if (config.log_spacing && !(config.radial_range && range.first > 0))
            throw section.refuse("spacing", "log has no beginning", "bins in even ratios start above 0",
                                 "write radial_range: [low, high] with low above 0");
        config.npt = *npt;
        return range;
    }
    for (auto const& [key, written] : {std::pair{"npt", npt.has_value()}, std::pair{"radial_range", config.radial_range.has_value()},
                                       std::pair{"spacing", config.log_spacing}})
        if (written) throw section.refuse(key, "says the bins a second time", "edges are written, too", "leave one of the two out");
    check_edges(section, *edges);
    check_on_detector(section, "edges", {edges->front(), edges->back()}, reach, config.unit);
    config.edges = *edges;
    config.npt = edges->size() - 1;
    return {edges->front(), edges->back()};
}

} // namespace sqd
