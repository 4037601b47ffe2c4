// Between the points of a lattice, of functions that hold no wave beyond a limit.
#pragma once

#include <cstddef>
#include <vector>

namespace sqd {

/// Step of a lattice of r for squares of what holds no wave shorter than 2 pi / q_max: it divides `wanted_A`, or that divides it.
double lattice_step(double q_max_invA, double wanted_A);

/// Weights of the nearest points of a lattice in the value between them: Shannon's sum cut off by a sinh window (Kircheis, Potts & Tasche,
/// "On regularized Shannon sampling formulas with localized sampling", Sampl. Theory Signal Process. Data Anal. 20 (2022) 20). Good to
/// 1e-13 of the largest value.
class LatticeInterpolation {
public:
    /// `phase` = highest frequency times the step of the lattice, below pi.
    explicit LatticeInterpolation(double phase);

    /// Points needed to each side.
    std::size_t reach() const { return reach_; }
    /// Of the point floor(at) - reach + 1 and those after it, where only the fraction of `at` counts: 2 reach of them.
    std::vector<double> weights(double fraction) const;

private:
    std::size_t reach_;
    double sharpness_;
};

} // namespace sqd
