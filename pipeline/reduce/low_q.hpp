// What S(q) is taken to be below its first datum.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

/// constant: the first value; linear: from S(0) = 0 straight to it; parabola: a + b q^2 through the first 0.3 1/A; none: nothing,
/// integrals begin at the data.
enum class LowQ { constant, linear, parabola, none };
std::string name(LowQ low_q);

/// S(q) = sum_k C_k q^k for q below the data, k = 0 .. 2, each C_k linear in the first data: C_k = sum_m weight[k][m] S_m.
struct LowQModel {
    std::array<std::vector<double>, 3> weight; ///< empty = that power is not there
    double end_invA = 0;                       ///< the first datum; 0 = nothing below the data
};
/// `q_invA` of the data, ascending. A parabola has at least three points; fewer data than that make a constant.
LowQModel low_q_model(LowQ low_q, std::vector<double> const& q_invA);

/// Weights of the first data in S at `q_invA`.
std::vector<double> low_q_weights(LowQModel const& model, double q_invA);

} // namespace sqd
