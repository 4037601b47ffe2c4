// Bin by bin against its neighbourhood, in the variance and in the mean.
#include "pipeline/reduce/bragg_watch.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/calibrants.hpp"
#include "pipeline/reduce/median_deviation.hpp"
#include "pipeline/reduce/tail_probability.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

constexpr double hole = 0.8, reach = 2.2;                   ///< of the quartic's bins, in line widths
constexpr double variance_hole = 0.5, variance_reach = 2.5; ///< of the running median's
constexpr std::size_t fewest_pixels = 8, fewest_neighbours = 10, fewest_on_side = 5;
constexpr int trimming_rounds = 3;
constexpr double suspect_sigma = 3, trimmed_probability = 2e-4;

double median(std::vector<double> values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// What stands out in one bin: in sigmas of the neighbourhood's scatter, and in its own unit.
struct Excess {
    double sigmas = 0, amount = 0;
    bool alarming = false;
};

class Pattern {
public:
    Pattern(RingStatistics const& rings, BraggWatchConfig const& config)
        : r_(rings), config_(config), step_((rings.q_invA.back() - rings.q_invA.front()) / static_cast<double>(rings.q_invA.size() - 1)),
          probability_(config.false_per_pattern / (2 * static_cast<double>(rings.q_invA.size()))),
          normal_threshold_(pearson3_quantile(probability_, 0)) {
        for (std::size_t b = 0; b < size(); ++b) {
            bool const counted = r_.pixels[b] > 0 && r_.intensity[b] > 0 && r_.sigma[b] > 0;
            counts_.push_back(counted ? std::pow(r_.intensity[b] / r_.sigma[b], 2) : 0);
        }
    }

    std::size_t size() const { return r_.q_invA.size(); }
    /// What the bins from `first` to `last` cover [1/A].
    double width(std::size_t first, std::size_t last) const {
        return r_.q_invA[last] - r_.q_invA[first] + 0.5 * (width(first) + width(last));
    }
    Excess of_variance(std::size_t b) const;
    Excess of_intensity(std::size_t b) const;

private:
    bool has_variance(std::size_t b) const {
        return counts_[b] > 0 && r_.pixels[b] >= static_cast<double>(fewest_pixels) && std::isfinite(r_.variance_ratio[b]);
    }
    bool improbable(double sigmas, double skewness) const {
        return sigmas > normal_threshold_ && pearson3_tail(sigmas, skewness) < probability_; // skewness only raises the threshold
    }
    double mean_counts(std::size_t b) const { return counts_[b] / r_.pixels[b]; }
    double sigma_of_ratio(std::size_t b) const { return std::sqrt(2 / (r_.pixels[b] - 1)); }
    double width(std::size_t b) const {
        std::size_t const before = b == 0 ? 0 : b - 1, behind = std::min(b + 1, size() - 1);
        return (r_.q_invA[behind] - r_.q_invA[before]) / static_cast<double>(behind - before);
    }
    /// Bins between two distances from b, those with a value. Distances are rounded up to whole steps, and half a step is left between
    /// a bin that counts and one that does not.
    template <class Valid>
    std::vector<std::size_t> neighbours(std::size_t b, double from, double to, Valid const& valid) const {
        auto const& q = r_.q_invA;
        double const hole_ends = (std::ceil(from * config_.widest_line_invA / step_) + 0.5) * step_,
                     ends = (std::ceil(to * config_.widest_line_invA / step_) + 0.5) * step_;
        std::vector<std::size_t> out;
        auto const first = std::lower_bound(q.begin(), q.end(), q[b] - ends) - q.begin();
        for (auto j = static_cast<std::size_t>(first); j < size() && q[j] < q[b] + ends; ++j)
            if (std::abs(q[j] - q[b]) > hole_ends && valid(j)) out.push_back(j);
        return out;
    }

    RingStatistics const& r_;
    BraggWatchConfig const& config_;
    double step_, probability_, normal_threshold_;
    std::vector<double> counts_; ///< of the bin; 0 where it takes no part
};

Excess Pattern::of_variance(std::size_t b) const {
    if (r_.variance_ratio.empty() || !has_variance(b)) return {};
    auto const around = neighbours(b, variance_hole, variance_reach, [this](std::size_t j) { return has_variance(j); });
    if (around.size() < fewest_neighbours) return {};
    std::vector<double> texture, deviations;
    for (std::size_t const j : around) texture.push_back((r_.variance_ratio[j] - 1) / mean_counts(j));
    double const c2 = std::max(0.0, median(texture));
    auto const expected = [&](std::size_t j) { return 1 + c2 * mean_counts(j); };
    auto const sigmas = [&](std::size_t j) { return (r_.variance_ratio[j] - expected(j)) / (expected(j) * sigma_of_ratio(j)); };
    for (std::size_t const j : around) deviations.push_back(std::abs(sigmas(j)));
    double const scatter = std::max(1.0, sigma_per_median_deviation * median(deviations));
    double const skewness = (8 + 4 / mean_counts(b)) / (std::pow(2, 1.5) * std::sqrt(r_.pixels[b] - 1));
    Excess out{sigmas(b) / scatter, r_.variance_ratio[b] / expected(b) - 1};
    out.alarming = improbable(out.sigmas, skewness);
    return out;
}

/// A quartic in (q - middle) / unit, by weights.
struct Quartic {
    using Coefficients = Eigen::Matrix<double, 5, 1>;
    double middle, unit;
    Eigen::Matrix<double, 5, 5> curvature = Eigen::Matrix<double, 5, 5>::Zero();
    Coefficients moments = Coefficients::Zero();

    Coefficients powers(double q) const {
        double const x = (q - middle) / unit;
        return Coefficients(1, x, x * x, x * x * x, x * x * x * x);
    }
    void add(double q, double y, double weight) {
        Coefficients const row = powers(q);
        curvature += weight * row * row.transpose();
        moments += weight * y * row;
    }
};

Excess Pattern::of_intensity(std::size_t b) const {
    if (!(counts_[b] > 0)) return {};
    auto around = neighbours(b, hole, reach, [this](std::size_t j) { return counts_[j] > 0; });
    auto const variance_per_intensity = [this](std::size_t j) { return r_.sigma[j] * r_.sigma[j] / r_.intensity[j]; };
    double expected = 0, error2 = 0, scatter = 1;
    for (int round = 0; round <= trimming_rounds; ++round) {
        auto const left = static_cast<std::size_t>(std::count_if(around.begin(), around.end(), [b](std::size_t j) { return j < b; }));
        if (left < fewest_on_side || around.size() - left < fewest_on_side) return {};
        Quartic fit{r_.q_invA[b], reach * config_.widest_line_invA};
        for (std::size_t const j : around) fit.add(r_.q_invA[j], r_.intensity[j], 1 / variance_per_intensity(j));
        Eigen::LDLT<Eigen::Matrix<double, 5, 5>> const solver(fit.curvature);
        Quartic::Coefficients const solution = solver.solve(fit.moments), here = fit.powers(r_.q_invA[b]);
        expected = solution.dot(here);
        if (!(expected > 0)) return {};
        error2 = expected * (variance_per_intensity(b) + here.dot(solver.solve(here)));
        std::vector<double> means, residuals, sizes;
        for (std::size_t const j : around) {
            means.push_back(std::max(solution.dot(fit.powers(r_.q_invA[j])), 1e-9 * expected));
            residuals.push_back((r_.intensity[j] - means.back()) / std::sqrt(means.back() * variance_per_intensity(j)));
            sizes.push_back(std::abs(residuals.back()));
        }
        scatter = std::max(1.0, sigma_per_median_deviation * median(sizes));
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < around.size(); ++i) {
            double const per_count = variance_per_intensity(around[i]) * scatter * scatter;
            bool const suspect = residuals[i] > suspect_sigma * scatter;
            if (!suspect || poisson_tail(r_.intensity[around[i]] / per_count, means[i] / per_count) > trimmed_probability) {
                kept.push_back(around[i]);
            }
        }
        if (kept.size() == around.size()) break;
        around = std::move(kept);
    }
    // The quartic knows the level as well as a norm 1 / leverage times that of the bin would: two counts at one rate, one binomial.
    double const leverage = error2 / (expected * variance_per_intensity(b)) - 1, per_count = variance_per_intensity(b) * scatter * scatter;
    double const here = r_.intensity[b] / per_count, elsewhere = expected / per_count / leverage;
    Excess out{(r_.intensity[b] - expected) / (std::sqrt(error2) * scatter), r_.intensity[b] / expected - 1};
    out.alarming = out.amount > config_.smallest_line && out.sigmas > suspect_sigma &&
                   binomial_tail(here, here + elsewhere, leverage / (1 + leverage)) < probability_;
    return out;
}

void check(RingStatistics const& r) {
    std::size_t const n = r.q_invA.size();
    bool const same = r.intensity.size() == n && r.sigma.size() == n && r.pixels.size() == n &&
                      (r.variance_ratio.empty() || r.variance_ratio.size() == n);
    if (same && n >= 2) return;
    throw DataError("pattern of " + std::to_string(n) +
                    " bins to watch (columns must be of one length, two bins or more) give all columns");
}

std::string guess(BraggLine const& line, BraggWatchConfig const& config) {
    double const near = config.q_tolerance * line.q_invA, far = near + 0.5 * std::min(line.width_invA, config.widest_line_invA);
    for (double const tolerance : {near, far}) {
        for (auto const& phase : config.phases) {
            for (double const q : phase.q_invA) {
                if (std::abs(q - line.q_invA) <= tolerance) return phase.name;
            }
        }
    }
    return "unknown";
}

} // namespace

std::vector<WatchedPhase> watched_phases() {
    constexpr double weakest = 20, q_max_invA = 6.5;
    std::vector<WatchedPhase> out{{"BN", {1.887, 2.898, 3.047}}, {"Cu", {3.010, 3.480}}};
    for (auto const& crystal : calibrants()) {
        WatchedPhase phase{crystal.name, {}};
        for (auto const& line : calibrant_lines(crystal, q_max_invA)) {
            if (line.intensity >= weakest) phase.q_invA.push_back(line.q_invA);
        }
        out.push_back(std::move(phase));
    }
    return out;
}

std::vector<BraggLine> watch_bragg_lines(RingStatistics const& rings, BraggWatchConfig const& config, ParallelFor const& parallel_for) {
    check(rings);
    Pattern const pattern(rings, config);
    std::vector<Excess> variances(pattern.size()), intensities(pattern.size());
    parallel_for(pattern.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t b = begin; b < end; ++b) {
            variances[b] = pattern.of_variance(b);
            intensities[b] = pattern.of_intensity(b);
        }
    });
    constexpr std::size_t neighbour = 2; // one quiet bin between two that stand out does not part them
    std::vector<BraggLine> lines;
    std::size_t first = 0, last = 0;
    double weights = 0, moment = 0;
    for (std::size_t b = 0; b < pattern.size(); ++b) {
        Excess const &variance = variances[b], &intensity = intensities[b];
        if (!variance.alarming && !intensity.alarming) continue;
        double const sigmas = std::max(variance.alarming ? variance.sigmas : 0, intensity.alarming ? intensity.sigmas : 0);
        if (lines.empty() || b - last > neighbour) {
            lines.push_back({0, 0, 0, 0, 0, ""});
            first = b;
            weights = moment = 0;
        }
        last = b;
        weights += sigmas;
        moment += sigmas * rings.q_invA[b];
        BraggLine& line = lines.back();
        line.q_invA = moment / weights;
        line.width_invA = pattern.width(first, last);
        if (variance.alarming) line.variance_excess = std::max(line.variance_excess, variance.amount);
        if (intensity.alarming) line.intensity_excess = std::max(line.intensity_excess, intensity.amount);
        line.significance = std::max(line.significance, sigmas);
    }
    for (auto& line : lines) line.phase = guess(line, config);
    return lines;
}

} // namespace sqd
