// Differences of a curve in units of their errors, neighbours' correlations taken out.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sqd {

/// Variances of points and covariances of each with the next one (the last is not used); farther ones are 0.
struct BandedCovariance {
    std::vector<double> variance, next;
};

/// L^-1 y with L L^T the covariance (Cholesky): points of variance 1 that err apart.
class Whitening {
public:
    /// nullopt where the numbers are no covariance: neighbours that correlate by more than half, as bins much narrower than a pixel do.
    static std::optional<Whitening> of(BandedCovariance const& covariance);
    std::vector<double> operator()(std::vector<double> const& y) const;

private:
    std::vector<double> diagonal_, below_;
};

/// Takes out of `y` what is along the modes, all whitened; returns how many independent ones there were.
std::size_t project_out(std::vector<std::vector<double>> modes, std::vector<double>& y);

/// y^T (1 + u u^T)^-1 y: chi2 of whitened `y` that err along `u` besides, by so much (Sherman & Morrison 1950).
double chi2_with_mode(std::vector<double> const& y, std::vector<double> const& u);

} // namespace sqd
