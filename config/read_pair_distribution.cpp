// G(r): its transform, and how it is made right below the first shell.
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "config/text.hpp"
#include "pipeline/reduce/radial_axis.hpp"

namespace sqd {

namespace {

/// Its half width is wide against the waves of the first shell, 2 pi / r, or it would take the shell along.
void read_top_hat(Section const& section, PairDistributionConfig& config) {
    bool const used = config.low_r_method == LowRMethod::top_hat;
    constexpr double waves = 3, fewest_waves = 2; // of the cut's 1 / r: Soper & Barney (2011)
    double const width =
        section.number("top_hat_invA", {0, 20, "half width [1/A]"}, used && config.low_r_cut_A > 0 ? waves / config.low_r_cut_A : 0);
    if (used && !(config.low_r_cut_A > 0))
        throw section.refuse("low_r_method", "top_hat needs to know where no atoms meet", "low_r_cut_A is 0", "write low_r_cut_A, too");
    if (!used && width > 0)
        throw section.refuse("top_hat_invA", "belongs to low_r_method: top_hat", "low_r_method is eggert", "leave it out");
    if (used && width * config.low_r_cut_A < fewest_waves)
        throw section.refuse("top_hat_invA", render(width) + " 1/A is narrow", "it would take the first shell along",
                             "write 3 / low_r_cut_A or more");
    config.top_hat_invA = width;
}

} // namespace

std::optional<PairDistributionConfig> read_pair_distribution(Document& document, IntegrationConfig const& integration,
                                                             std::optional<StructureFactorConfig> const& sq) {
    Section const section(document, "pair_distribution");
    if (section.is_none()) return std::nullopt;
    if (!has_even_steps(integration)) {
        throw Section(document, "")
            .refuse("pair_distribution", "cannot be had on these bins",
                    "G(r) is a sine transform on even steps in q, and integration." +
                        std::string(integration.log_spacing ? "spacing is log" : "edges are uneven"),
                    "write pair_distribution: none, or npt and radial_range");
    }
    if (!sq) {
        throw Section(document, "")
            .refuse("pair_distribution", "there is no S(q) to transform", "structure_factor is none", "write pair_distribution: none, too");
    }
    PairDistributionConfig config;
    config.q_max_invA = section.number("q_max_invA", {0, 100, "q [1/A]", true}, sq->q_max_invA);
    config.window = read_window(section);
    config.r_max_A = section.number("r_max_A", {0, 1000, "r [A]", true});
    config.r_step_A = section.number("r_step_A", {1e-3, 1, "step [A]"});
    config.low_r_cut_A = section.number("low_r_cut_A", {0, 10, "r [A]"});
    config.low_r_method = section.choice<LowRMethod>("low_r_method", {{"eggert", LowRMethod::eggert}, {"top_hat", LowRMethod::top_hat}});
    bool const top_hat = config.low_r_method == LowRMethod::top_hat;
    std::uint64_t const steps = config.low_r_cut_A > 0 ? (top_hat ? 1 : 3) : 0;
    config.iterations = static_cast<int>(section.integer("iterations", {0, 100, "number of steps"}, steps));
    read_top_hat(section, config);
    if (above(config.q_max_invA, sq->q_max_invA) || config.q_max_invA <= sq->q_min_invA) {
        throw section.refuse("q_max_invA", render(config.q_max_invA) + " is not on S(q)",
                             "structure_factor goes from " + range_text({sq->q_min_invA, sq->q_max_invA}), "stay inside");
    }
    if (config.low_r_cut_A >= config.r_max_A || config.r_step_A >= config.r_max_A) {
        throw section.refuse("r_max_A", "is not above low_r_cut_A and r_step_A", render(config.r_max_A) + " A", "write a larger one");
    }
    config.low_q = sq->normalization.low_q;
    config.refine = section.choice<Refine>(
        "refine", {{"none", Refine::none}, {"density", Refine::density}, {"background", Refine::background}, {"both", Refine::both}});
    if (config.refine != Refine::none && !(config.low_r_cut_A > 0)) {
        throw section.refuse("refine", "has nothing to go by", "what no atoms meet below is not said: low_r_cut_A is 0",
                             "write low_r_cut_A, or refine: none");
    }
    if (config.refine != Refine::none && top_hat)
        throw section.refuse("refine", "does not go with top_hat", "what is refined is what Eggert's steps leave below the cut",
                             "write low_r_method: eggert, or refine: none");
    if ((config.low_r_cut_A > 0) != (config.iterations > 0)) {
        throw section.refuse("iterations", "contradicts low_r_cut_A", "cleaning needs a cut and at least one step", "write both or none");
    }
    if (top_hat && config.iterations > 1)
        throw section.refuse("iterations", "does not go with top_hat", "it is one step", "leave it out, or low_r_method: eggert");
    return config;
}

} // namespace sqd
