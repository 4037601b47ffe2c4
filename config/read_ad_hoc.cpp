// The ad hoc route to G(r).
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "config/text.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <algorithm>
#include <string>

namespace sqd {

std::optional<AdHocConfig> read_ad_hoc(Document& document, IntegrationConfig const& integration, Sample const& sample,
                                       std::pair<double, double> const& data) {
    Section const section(document, "ad_hoc");
    if (section.is_none()) return std::nullopt;
    if (sample.composition.elements.empty()) {
        throw Section(document, "")
            .refuse("ad_hoc", "has no form factors", "sample.composition is none", "write the formula, or ad_hoc: none");
    }
    if (!has_even_steps(integration)) {
        throw Section(document, "")
            .refuse("ad_hoc", "cannot be had on these bins",
                    "it is a sine transform on even steps, and integration." +
                        std::string(integration.log_spacing ? "spacing is log" : "edges are uneven"),
                    "write ad_hoc: none, or npt and radial_range");
    }
    AdHocConfig config;
    Limits const limits{0, 100, "q [1/A]"};
    config.rpoly_A = section.number("rpoly_A", {0, 10, "r [A]", true});
    config.q_min_invA = section.number("q_min_invA", limits, std::max(0.5, data.first));
    config.q_max_inst_invA = section.number("q_max_inst_invA", limits, data.second);
    config.q_max_invA = section.number("q_max_invA", limits, config.q_max_inst_invA);
    config.r_max_A = section.number("r_max_A", {0, 1000, "r [A]", true});
    config.r_step_A = section.number("r_step_A", {1e-3, 1, "step [A]"});
    config.window = read_window(section);
    if (above(config.q_max_inst_invA, data.second) || above(data.first, config.q_min_invA)) {
        throw section.refuse("q_max_inst_invA", range_text({config.q_min_invA, config.q_max_inst_invA}) + " is not inside the data",
                             "they go from " + range_text(inward(data)) + " 1/A", "stay inside, or widen integration.radial_range");
    }
    if (!above(config.q_max_invA, config.q_min_invA) || above(config.q_max_invA, config.q_max_inst_invA)) {
        throw section.refuse("q_max_invA", render(config.q_max_invA) + " is not between q_min_invA and q_max_inst_invA",
                             range_text({config.q_min_invA, config.q_max_inst_invA}), "write one that is");
    }
    if (config.r_step_A >= config.r_max_A)
        throw section.refuse("r_max_A", "is not above r_step_A", render(config.r_max_A) + " A", "write a larger one");
    return config;
}

} // namespace sqd
