// How far errors beyond counting are worked out.
#include "config/parts.hpp"

namespace sqd {

UncertaintyConfig read_uncertainty(Section const& section) {
    UncertaintyConfig config;
    Limits const percent{0, 100, "uncertainty [%]"};
    config.systematics = section.flag("systematics");
    config.density_percent = section.number("density_percent", percent);
    config.compton_percent = section.number("compton_percent", percent);
    config.fluorescence_percent = section.number("fluorescence_percent", percent);
    config.q1_precision_invA = section.number("q1_precision_invA", {0, 1, "precision [1/A]", true});
    config.replicas = static_cast<int>(section.integer("replicas", {0, 10000, "number of draws"}));
    if (config.replicas == 1)
        throw section.refuse("replicas", "1 draw has no scatter", "a deviation needs two and more", "write 0, or 100");
    config.seed = section.integer("seed", {0, 9e15, "seed"});
    config.point_peaks = section.flag("point_peaks");
    return config;
}

} // namespace sqd
