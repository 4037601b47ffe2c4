// How improbable a count is: upper tails of the distributions that photon counting leads to.
#pragma once

namespace sqd {

/// P(X >= count) of a Poisson variable of the given mean. Real counts are allowed (a count over its overdispersion).
/// Incomplete gamma function, Abramowitz & Stegun 6.5.13: P(count, mean). 1 for count <= 0, 0 for mean 0 and a count.
double poisson_tail(double count, double mean);

/// P(X >= count) of a binomial variable: `trials` events that each have the chance `probability`. Real numbers as above.
/// Incomplete beta function, Abramowitz & Stegun 6.6.4: I_p(count, trials - count + 1).
///
/// What one pixel may count, given what the rest of its ring counted (`trials` = all together, `probability` = its part of the
/// norm), when both count at the same unknown rate: exact whatever the rate is.
double binomial_tail(double count, double trials, double probability);

/// P(Z >= z) of a variable with mean 0, variance 1 and the given skewness >= 0: Pearson's type III, a shifted gamma distribution.
/// The normal distribution for skewness 0; a chi^2 of n degrees of freedom has skewness sqrt(8 / n), a Poisson variable 1 / sqrt(mean).
double pearson3_tail(double z, double skewness);

/// The z above which pearson3_tail is below `probability`, to 1e-9.
double pearson3_quantile(double probability, double skewness);

} // namespace sqd
