// Bin edges and centres; names of the radial coordinates.
#include "pipeline/core/axis.hpp"

#include "pipeline/core/errors.hpp"

#include <cmath>
#include <utility>

namespace sqd {

std::string name(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return "q_A^-1";
    case RadialUnit::q_invnm: return "q_nm^-1";
    case RadialUnit::two_theta_deg: return "2th_deg";
    case RadialUnit::two_theta_rad: return "2th_rad";
    case RadialUnit::r_mm: return "r_mm";
    }
    return "unknown";
}

Axis::Axis(std::vector<double> edges) : edges_(std::move(edges)) {
    if (edges_.size() < 2) throw DataError("axis without bins (it needs at least two edges) ask for at least one bin");
    centres_.reserve(edges_.size() - 1);
    for (std::size_t i = 0; i + 1 < edges_.size(); ++i) {
        if (!std::isfinite(edges_[i]) || !std::isfinite(edges_[i + 1]) || !(edges_[i] < edges_[i + 1])) {
            throw DataError("axis edge " + std::to_string(i + 1) + " is " + std::to_string(edges_[i + 1]) + " after " +
                            std::to_string(edges_[i]) + " (edges must be finite and increase) check the range");
        }
        centres_.push_back(0.5 * (edges_[i] + edges_[i + 1]));
    }
}

Axis Axis::uniform(double low, double high, std::size_t bins) {
    std::vector<double> edges(bins + 1, low);
    for (std::size_t i = 1; i <= bins; ++i) {
        edges[i] = low + (high - low) * (static_cast<double>(i) / static_cast<double>(bins));
    }
    if (bins > 0) edges.back() = high; // low + (high - low) need not be high in floating point
    return Axis(std::move(edges));
}

} // namespace sqd
