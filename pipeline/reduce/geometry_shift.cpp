// Gauss-Newton over distance, centre and tilt.
#include "pipeline/reduce/geometry_shift.hpp"

#include "pipeline/reduce/median_deviation.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sqd {

namespace {

constexpr Eigen::Index most_parameters = 5;
using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, most_parameters, 1>;
using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, most_parameters, most_parameters>;

constexpr double outlier_sigma = 5, worst_condition = 1e-12;
constexpr double rounding = 1e-6; ///< residuals below that many sigma are none
constexpr int rounds = 8, steps = 3;
constexpr std::size_t slices = 18; ///< of azimuth, 20 degrees each

/// A point of the detector's plane along its own axes, from the corner that the PONI counts from [m].
struct PlanePoint {
    double d1, d2;
};

/// Where a ray of scattering angle and azimuth meets the detector.
PlanePoint meet(Geometry const& g, double two_theta, double chi) {
    DetectorPlane const plane(g);
    auto const vector = [](LabPoint const& p) { return Eigen::Vector3d(p.t1, p.t2, p.t3); };
    Eigen::Vector3d const foot = vector(plane.at(0, 0)), along1 = vector(plane.at(1, 0)) - foot, along2 = vector(plane.at(0, 1)) - foot;
    Eigen::Vector3d const ray(std::sin(two_theta) * std::sin(chi), std::sin(two_theta) * std::cos(chi), std::cos(two_theta));
    Eigen::Vector3d const normal = along1.cross(along2);
    Eigen::Vector3d const from_foot = ray * (foot.dot(normal) / ray.dot(normal)) - foot;
    return {from_foot.dot(along1) + g.poni1_m, from_foot.dot(along2) + g.poni2_m};
}

Geometry moved(Geometry g, Vector const& by) {
    g.distance_m += by[0];
    g.poni1_m += by[1];
    g.poni2_m += by[2];
    if (by.size() > 3) {
        g.rot1_rad += by[3];
        g.rot2_rad += by[4];
    }
    return g;
}

class Problem {
public:
    Problem(Geometry const& g, std::vector<RingPoint> const& points, Eigen::Index parameters)
        : geometry_(g), points_(points), parameters_(parameters) {
        for (auto const& p : points) {
            places_.push_back(meet(g, two_theta_of_q_rad(p.q_invA.value, g.wavelength_A), p.chi_rad));
            step_.push_back(q_per_pixel(g, p.q_theory_invA));
        }
    }

    /// q theory - q of every point.
    std::vector<double> residuals(Vector const& at) const {
        Geometry const g = moved(geometry_, at);
        DetectorPlane const plane(g);
        std::vector<double> out;
        for (std::size_t i = 0; i < points_.size(); ++i) {
            auto const point = plane.at(places_[i].d1 - g.poni1_m, places_[i].d2 - g.poni2_m);
            out.push_back(points_[i].q_theory_invA - q_invA(two_theta_rad(point), g.wavelength_A));
        }
        return out;
    }

    /// Of a point, with a scatter [pixels] beyond its own sigma.
    double variance(std::size_t i, double scatter_px) const {
        double const sigma = points_[i].q_invA.sigma, more = scatter_px * step_[i];
        return sigma * sigma + more * more;
    }

    double chi2(std::vector<double> const& residuals, std::vector<bool> const& kept, double scatter_px) const {
        double sum = 0;
        for (std::size_t i = 0; i < residuals.size(); ++i) {
            if (kept[i]) sum += residuals[i] * residuals[i] / variance(i, scatter_px);
        }
        return sum;
    }

    /// Derivatives of every point's residual, times scale().
    std::vector<Vector> slopes(Vector const& at) const {
        std::vector<Vector> out(points_.size(), Vector::Zero(parameters_));
        for (Eigen::Index k = 0; k < parameters_; ++k) {
            Vector up = at, down = at;
            up[k] += scale(k);
            down[k] -= scale(k);
            auto const above = residuals(up), below = residuals(down);
            for (std::size_t i = 0; i < out.size(); ++i) out[i][k] = 0.5 * (above[i] - below[i]);
        }
        return out;
    }

    /// J^T W J and -J^T W r over the points that are kept.
    void normal(Vector const& at, std::vector<bool> const& kept, double scatter_px, Square& curvature, Vector& gradient) const {
        auto const here = residuals(at);
        auto const rows = slopes(at);
        curvature = Square::Zero(parameters_, parameters_);
        gradient = Vector::Zero(parameters_);
        for (std::size_t i = 0; i < here.size(); ++i) {
            if (!kept[i]) continue;
            double const weight = 1 / variance(i, scatter_px);
            curvature += weight * rows[i] * rows[i].transpose();
            gradient -= weight * here[i] * rows[i];
        }
    }

    /// Sum over slices of azimuth of (sum J^T W r) (sum J^T W r)^T: the meat of a sandwich whose points may err together within a
    /// slice. Zero where there are too few slices to tell.
    Square scatter_of_slices(Vector const& at, std::vector<bool> const& kept, double scatter_px) const {
        auto const here = residuals(at);
        auto const rows = slopes(at);
        std::vector<Vector> scores(slices, Vector::Zero(parameters_));
        std::vector<bool> seen(slices);
        for (std::size_t i = 0; i < here.size(); ++i) {
            if (!kept[i]) continue;
            double const turn = 0.5 + points_[i].chi_rad / (2 * std::numbers::pi);
            auto const slice = std::min(static_cast<std::size_t>(std::max(turn, 0.0) * slices), slices - 1);
            scores[slice] += here[i] / variance(i, scatter_px) * rows[i];
            seen[slice] = true;
        }
        Square out = Square::Zero(parameters_, parameters_);
        auto const n = std::count(seen.begin(), seen.end(), true);
        if (n < 2 * parameters_) return out;
        for (auto const& score : scores) out += score * score.transpose();
        return out * (static_cast<double>(n) / static_cast<double>(n - parameters_));
    }

    /// A step of each parameter that changes q by about as much as any other: 1e-4 of the distance or of a radian.
    double scale(Eigen::Index parameter) const { return parameter < 3 ? 1e-4 * geometry_.distance_m : 1e-4; }
    Eigen::Index parameters() const { return parameters_; }

private:
    Geometry geometry_;
    std::vector<RingPoint> const& points_;
    Eigen::Index parameters_;
    std::vector<PlanePoint> places_;
    std::vector<double> step_; ///< q per pixel
};

std::optional<Vector> minimum(Problem const& problem, std::vector<bool> const& kept, double scatter_px, Square& covariance) {
    Vector at = Vector::Zero(problem.parameters()), gradient;
    Square curvature;
    for (int step = 0; step < steps; ++step) {
        problem.normal(at, kept, scatter_px, curvature, gradient);
        Eigen::SelfAdjointEigenSolver<Square> const solver(curvature);
        auto const& values = solver.eigenvalues();
        if (!(values.minCoeff() > worst_condition * values.maxCoeff())) return std::nullopt;
        covariance = solver.eigenvectors() * values.cwiseInverse().asDiagonal() * solver.eigenvectors().transpose();
        Vector const move = covariance * gradient;
        for (Eigen::Index k = 0; k < at.size(); ++k) at[k] += move[k] * problem.scale(k);
        if (!at.allFinite()) return std::nullopt;
    }
    return at;
}

/// The scatter [pixels] that makes chi^2 that of its degrees of freedom; 0 where it is less already.
double scatter_of(Problem const& problem, std::vector<double> const& residuals, std::vector<bool> const& kept, double degrees) {
    if (problem.chi2(residuals, kept, 0) <= degrees) return 0;
    double low = 0, high = 1e-3;
    while (problem.chi2(residuals, kept, high) > degrees) high *= 2;
    while (high - low > 1e-9 * high) {
        double const middle = 0.5 * (low + high);
        (problem.chi2(residuals, kept, middle) > degrees ? low : high) = middle;
    }
    return high;
}

std::vector<bool> within_scatter(Problem const& problem, std::vector<double> const& residuals, double scatter_px) {
    std::vector<double> sizes;
    for (std::size_t i = 0; i < residuals.size(); ++i) sizes.push_back(std::abs(residuals[i]) / std::sqrt(problem.variance(i, scatter_px)));
    auto sorted = sizes;
    auto const middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    double const limit = std::max(outlier_sigma * sigma_per_median_deviation * *middle, rounding);
    std::vector<bool> out;
    for (double const size : sizes) out.push_back(size <= limit);
    return out;
}

} // namespace

std::optional<GeometryShift> fit_geometry_shift(Geometry const& geometry, std::vector<RingPoint> const& points, bool free_tilt) {
    Problem const problem(geometry, points, free_tilt ? 5 : 3);
    auto const parameters = static_cast<std::size_t>(problem.parameters());
    std::vector<bool> kept(points.size(), true);
    Square covariance;
    std::optional<Vector> at;
    GeometryShift out;
    double degrees = 0;
    for (int round = 0; round < rounds; ++round) {
        auto const used = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), true));
        if (used <= parameters) return std::nullopt;
        out.degrees_of_freedom = used - parameters;
        degrees = static_cast<double>(out.degrees_of_freedom);
        at = minimum(problem, kept, out.scatter_px, covariance);
        if (!at) return std::nullopt;
        auto const residuals = problem.residuals(*at);
        double const scatter = scatter_of(problem, residuals, kept, degrees);
        auto next = within_scatter(problem, residuals, scatter);
        bool const settled = next == kept && std::abs(scatter - out.scatter_px) <= 1e-3 * scatter;
        if (settled || round + 1 == rounds) break;
        out.scatter_px = scatter;
        kept = std::move(next);
    }
    auto const residuals = problem.residuals(*at);
    out.chi2 = problem.chi2(residuals, kept, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!kept[i]) out.outliers.push_back(i);
    }
    double const factor = std::sqrt(problem.chi2(residuals, kept, out.scatter_px) / degrees);
    Square const of_slices = covariance * problem.scatter_of_slices(*at, kept, out.scatter_px) * covariance;
    auto const measured = [&](Eigen::Index k) {
        return Measured{(*at)[k], std::sqrt(std::max(factor * factor * covariance(k, k), of_slices(k, k))) * problem.scale(k)};
    };
    out.distance_m = measured(0);
    out.poni1_m = measured(1);
    out.poni2_m = measured(2);
    if (free_tilt) {
        out.rot1_rad = measured(3);
        out.rot2_rad = measured(4);
    }
    return out;
}

} // namespace sqd
