// The scale of one atom.
#include "pipeline/reduce/normalization.hpp"

#include "pipeline/reduce/high_q_scale.hpp"
#include "pipeline/reduce/kmn_scale.hpp"
#include "pipeline/reduce/low_r_scale.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace sqd {

std::string name(NormalizationMethod method) {
    switch (method) {
    case NormalizationMethod::kmn: return "kmn";
    case NormalizationMethod::high_q: return "high_q";
    case NormalizationMethod::low_r: return "low_r";
    }
    return "unknown";
}

std::vector<double> trapezoid_weights(std::vector<double> const& x) {
    std::vector<double> weight(x.size(), 0.0);
    for (std::size_t i = 1; i < x.size(); ++i) {
        double const half = (x[i] - x[i - 1]) / 2;
        weight[i - 1] += half;
        weight[i] += half;
    }
    return weight;
}

std::optional<Scale> normalize(ScaledData const& data, double density_A3, NormalizationConfig const& config) {
    if (data.q_invA.size() < 10) return std::nullopt;
    KmnScale const sum_rule(data, density_A3, config);
    LinearScale kmn{sum_rule.alpha(), sum_rule.response()};
    LinearScale high_q = high_q_scale(data);
    auto with_constant = high_q_scale_with_constant(data);
    auto low_r = low_r_scale(data, density_A3, config);

    Normalization n;
    n.alpha_kmn = kmn.alpha;
    n.alpha_high_q = high_q.alpha;
    if (with_constant) {
        n.alpha_high_q_constant = with_constant->alpha;
        n.constant = with_constant->constant;
    }
    if (low_r) n.alpha_low_r = low_r->alpha;
    auto const ends = sum_rule.over_last_period();
    n.alpha_spread = ends.half_range;
    n.alpha_kmn_mean = ends.mean;
    n.density_A3 = density_A3;
    n.q_min_invA = data.q_invA.front();
    n.q_max_invA = data.q_invA.back();
    n.method = name(config.method);
    n.low_q = name(config.low_q);

    std::optional<LinearScale> used;
    switch (config.method) {
    case NormalizationMethod::kmn: used = std::move(kmn); break;
    case NormalizationMethod::high_q: used = config.constant ? std::move(with_constant) : std::move(high_q); break;
    case NormalizationMethod::low_r: used = std::move(low_r); break;
    }
    if (!used || !(used->alpha > 0) || !std::isfinite(used->alpha)) return std::nullopt;
    n.alpha = used->alpha;
    n.constant_subtracted = !used->constant_response.empty();
    return Scale{std::move(n), std::move(*used)};
}

} // namespace sqd
