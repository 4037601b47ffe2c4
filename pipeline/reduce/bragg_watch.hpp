// Lines and spots of crystals in the pattern of a glass: capsule, clamps, calibrants, a sample that crystallises.
#pragma once

#include "pipeline/core/findings.hpp"
#include "pipeline/core/parallel.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

/// A phase whose lines may turn up, and where [1/A].
struct WatchedPhase {
    std::string name;
    std::vector<double> q_invA;
};

/// BN (hexagonal, capsule: 002, 100, 101), Cu (clamps: 111, 200), and of the calibrants the lines of at least a fifth of the strongest
/// one's intensity, up to 6.5 1/A. Earlier phases win where several fit: what stands in the beam is likelier than what does not.
std::vector<WatchedPhase> watched_phases();

/// What is watched: one value per bin, q ascending. NaN or no pixels: the bin takes no part.
struct RingStatistics {
    std::vector<double> q_invA;
    std::vector<double> intensity;
    std::vector<double> sigma; ///< Poisson, of the intensity; (intensity / sigma)^2 = counts in the bin
    std::vector<double>
        variance_ratio; ///< sample variance of the bin's pixels (n - 1) over what counting alone gives them; empty: not known
    std::vector<double> pixels;
};

struct BraggWatchConfig {
    double false_per_pattern = 2e-4; ///< alarms per pattern of nothing but counting noise, on average
    double widest_line_invA = 0.05;  ///< wider features are the glass's
    double smallest_line = 0.003;    ///< of the intensity around it: a line in the mean below that may be the glass's curvature
    double q_tolerance = 0.004;      ///< relative, between a line and a phase's, beyond half the line's width
    std::vector<WatchedPhase> phases = watched_phases();
};

/// The lines, q ascending.
///
/// Spots: of n pixels that count a mean mu each, the variance ratio has mean 1, variance 2 / (n - 1) and third cumulant
/// (8 + 4 / mu) / (n - 1)^2 (dispersion index of multinomial counts; chi^2 of n - 1 degrees of freedom for large mu). Texture and
/// uneven efficiency raise it by mu c^2 with the relative variance c^2 of the rate around the ring; c^2 is taken from the running
/// median of (ratio - 1) / mu over five widths of a line, without its own. What remains is compared with the threshold of a gamma
/// distribution of those three cumulants (Pearson III).
///
/// Lines: a powder's ring leaves the variance alone and stands out from the mean. Around each bin a quartic is fitted to the bins
/// between 0.8 and 2.2 line widths away, without those that stand out themselves; the bin's excess is compared with counting noise
/// and the quartic's own error by the binomial of two counts at one rate (as in hot_pixels.hpp). A Lorentzian of 0.4 1/A, as sharp as a
/// glass gets, is met to 0.2 % of its height, which is why `smallest_line` is above that. The ends of the pattern, where bins lack on one
/// side, are not searched for lines.
///
/// Where neighbours scatter more than they should, thresholds grow with them (1.4826 x median deviation). Both thresholds share
/// false_per_pattern over all bins (Bonferroni).
/// Throws DataError when lengths differ or there are fewer than two bins.
std::vector<BraggLine> watch_bragg_lines(RingStatistics const& rings, BraggWatchConfig const& config, ParallelFor const& parallel_for);

} // namespace sqd
