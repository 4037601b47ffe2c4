// Between S(q) and G(r): the sine transform on the points of the data, both ways.
#pragma once

#include "pipeline/core/curves.hpp"
#include "pipeline/reduce/low_q.hpp"

#include <cstddef>
#include <vector>

namespace sqd {

/// Points of S(q) from 0 to q_max with their trapezoid weights. Below the data S is what low_q.hpp makes of the first data, on points that
/// go on downwards with the data's own step, so that a uniform grid stays uniform: there the trapezoid is the discrete sine transform and
/// exact for G(r) that ends before pi / dq. With LowQ::none there are no such points.
struct TransformGrid {
    std::vector<double> q_invA, weight;
    std::vector<double> s;
    std::size_t first_datum = 0; ///< points before it were added
    LowQModel below;             ///< what an added point has of the first data
};

/// Throws DataError when fewer than 10 points lie below `q_max_invA`.
TransformGrid transform_grid(StructureFactor const& sq, double q_max_invA, LowQ low_q = LowQ::constant);

/// sum_i a_i S_i over the points of the grid as a sum over the data alone.
std::vector<double> fold(TransformGrid const& grid, std::vector<double> const& a);

/// Sines of q r for all q of a grid at r = step, 2 step, ...: advanced by rotation, which is exact to 1e-12 over 10^4 steps.
class RotatingSines {
public:
    RotatingSines(std::vector<double> const& q_invA, double step_A);
    /// Goes one step in r and gives sin(q r) per q.
    std::vector<double> const& advance();

private:
    std::vector<double> sine_, cosine_, step_sine_, step_cosine_;
};

} // namespace sqd
