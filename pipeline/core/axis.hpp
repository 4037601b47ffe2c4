// Bins along one coordinate, and the coordinates patterns come in.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

/// Radial coordinates, named as pyFAI names them.
enum class RadialUnit { q_invA, q_invnm, two_theta_deg, two_theta_rad, r_mm };

/// pyFAI's name: "q_A^-1", "q_nm^-1", "2th_deg", "2th_rad", "r_mm".
std::string name(RadialUnit unit);

/// Strictly increasing bin edges and the centres between them. Throws DataError on construction otherwise.
class Axis {
public:
    Axis() = default;
    explicit Axis(std::vector<double> edges);
    static Axis uniform(double low, double high, std::size_t bins);

    std::size_t size() const { return centres_.size(); }
    std::vector<double> const& edges() const { return edges_; }
    std::vector<double> const& centres() const { return centres_; }
    bool operator==(Axis const&) const = default;

private:
    std::vector<double> edges_, centres_;
};

} // namespace sqd
