// A curve's values as Eigen sees them.
#pragma once

#include <Eigen/Core>

#include <vector>

namespace sqd {

/// The values where they lie; `v` must outlive it.
inline Eigen::Map<Eigen::ArrayXd const> view(std::vector<double> const& v) {
    return {v.data(), static_cast<Eigen::Index>(v.size())};
}

} // namespace sqd
