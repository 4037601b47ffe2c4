// What repeated counting would give.
#include "pipeline/reduce/replicas.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace sqd {

namespace {

/// Mean and deviation of what is finite.
struct Moments {
    double sum = 0, square = 0;
    int count = 0;
    void add(double x) {
        if (!std::isfinite(x)) return;
        sum += x;
        square += x * x;
        ++count;
    }
    double deviation() const {
        if (count < 2) return std::numeric_limits<double>::quiet_NaN();
        return std::sqrt(std::max(square - sum * sum / count, 0.0) / (count - 1));
    }
};

} // namespace

Pattern1D drawn(Pattern1D pattern, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    bool const counted = pattern.counts.size() == pattern.intensity.size() && pattern.norm.size() == pattern.intensity.size();
    for (std::size_t b = 0; b < pattern.intensity.size(); ++b) {
        if (!std::isfinite(pattern.intensity[b])) continue;
        if (counted && pattern.counts[b] >= 0 && pattern.norm[b] > 0) {
            double const mean = pattern.counts[b];
            pattern.counts[b] = mean > 0 ? static_cast<double>(std::poisson_distribution<std::int64_t>(mean)(random)) : 0;
            pattern.intensity[b] = pattern.counts[b] / pattern.norm[b];
        } else if (pattern.sigma.size() == pattern.intensity.size() && std::isfinite(pattern.sigma[b])) {
            pattern.intensity[b] += pattern.sigma[b] * normal(random);
        }
    }
    return pattern;
}

std::optional<ReplicaSpread> replica_spread(Pattern1D const& sample, Pattern1D const* background, bool background_needed,
                                            ReductionConfig const& config) {
    if (!sample.correlation.empty() || (background && !background->correlation.empty())) return std::nullopt;
    ReductionConfig plain = config;
    plain.uncertainty = UncertaintyConfig{};
    plain.ad_hoc.reset();
    if (plain.pair_distribution) plain.pair_distribution->errors = false;
    ReplicaSpread out;
    out.replicas = config.uncertainty.replicas;
    out.seed = config.uncertainty.seed;
    std::mt19937_64 random(out.seed);
    Moments alpha, q1, fwhm, height;
    std::vector<Moments> shells;
    for (int k = 0; k < out.replicas; ++k) {
        auto const one = drawn(sample, random);
        auto const air = background ? std::optional(drawn(*background, random)) : std::nullopt;
        auto const curves = reduce_pattern(one, air ? &*air : nullptr, background_needed, plain);
        if (curves.sq) alpha.add(curves.sq->normalization.alpha);
        if (curves.fsdp) {
            q1.add(curves.fsdp->q1);
            fwhm.add(curves.fsdp->fwhm);
            height.add(curves.fsdp->height);
        }
        if (!curves.gr) continue;
        auto const& found = curves.gr->shells;
        if (shells.size() < found.size()) shells.resize(found.size());
        for (std::size_t i = 0; i < found.size(); ++i) shells[i].add(found[i].r_A.value);
    }
    out.alpha = alpha.deviation();
    out.q1 = q1.deviation();
    out.fwhm = fwhm.deviation();
    out.height = height.deviation();
    for (auto const& shell : shells) out.shell_r_A.push_back(shell.deviation());
    return out;
}

} // namespace sqd
