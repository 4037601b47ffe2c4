// The scale by what G(r) is where no atoms meet.
#include "pipeline/reduce/low_r_scale.hpp"

#include "pipeline/reduce/gauss_legendre.hpp"
#include "pipeline/reduce/sine_matrix.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

// What int_0^low q f(q) sin(qr) dq has of the first data, and what it is for f = 1, where the data say nothing and a model of them does.
struct LowPart {
    Eigen::MatrixXd of_data; ///< a row for each of the first data, a column per radius
    Eigen::VectorXd of_one;
};

LowPart low_part(std::vector<double> const& q_invA, LowQ low_q, std::vector<double> const& r_A) {
    auto const model = low_q_model(low_q, q_invA);
    auto const radii = static_cast<Eigen::Index>(r_A.size());
    LowPart out{Eigen::MatrixXd(0, radii), Eigen::VectorXd::Zero(radii)};
    if (model.end_invA == 0) return out;
    auto const low = gauss_legendre(16, 0, model.end_invA); // q r stays below some units there
    Eigen::Map<Eigen::ArrayXd const> const x(low.x.data(), static_cast<Eigen::Index>(low.x.size())), dx(low.weight.data(), x.size());
    Eigen::MatrixXd const waves = (x * dx).matrix().asDiagonal() * sines(low.x, r_A);
    auto const data = static_cast<Eigen::Index>(low_q_weights(model, 0).size());
    Eigen::MatrixXd weights(data, x.size());
    for (std::size_t i = 0; i < low.x.size(); ++i) {
        auto const of_x = low_q_weights(model, low.x[i]);
        weights.col(static_cast<Eigen::Index>(i)) = Eigen::Map<Eigen::VectorXd const>(of_x.data(), data);
    }
    out.of_data = weights * waves;
    out.of_one = waves.colwise().sum().transpose();
    return out;
}

} // namespace

std::optional<LinearScale> low_r_scale(ScaledData const& data, double density_A3, NormalizationConfig const& config) {
    if (!(config.low_r_cut_A > 0)) return std::nullopt;
    auto const radii = gauss_legendre(48, 0, config.low_r_cut_A);
    auto const vector = [](std::vector<double> const& v) {
        return Eigen::Map<Eigen::VectorXd const>(v.data(), static_cast<Eigen::Index>(v.size()));
    };
    auto const weight = trapezoid_weights(data.q_invA);
    auto const y = vector(data.y), t = vector(data.t), r = vector(radii.x), dr = vector(radii.weight);
    Eigen::VectorXd const kernel = vector(weight).cwiseProduct(vector(data.q_invA));
    Eigen::MatrixXd const waves = sines(data.q_invA, radii.x);
    auto const low = low_part(data.q_invA, config.low_q, radii.x);
    Eigen::Index const first = low.of_data.rows();
    // (pi / 2) G = alpha Y - T: Y = sum w y, T = sum w t + (of_one - sum w over the low part), and (pi / 2) 4 pi rho0 r = D. Below the data
    // S = sum of (1 + alpha y - t).
    Eigen::VectorXd const big_y = waves.transpose() * kernel.cwiseProduct(y) + low.of_data.transpose() * y.head(first);
    Eigen::VectorXd excess = waves.transpose() * kernel.cwiseProduct(t) + low.of_one; // T - D
    excess += low.of_data.transpose() * (t.head(first).array() - 1).matrix() - 2 * std::numbers::pi * std::numbers::pi * density_A3 * r;
    double const yy = dr.dot(big_y.cwiseAbs2()), yx = dr.dot(big_y.cwiseProduct(excess));
    LinearScale scale;
    scale.alpha = yx / yy;
    Eigen::VectorXd const factor = dr.cwiseProduct(excess - 2 * scale.alpha * big_y) / yy;
    Eigen::VectorXd response = kernel.cwiseProduct(waves * factor);
    response.head(first) += low.of_data * factor;
    scale.response.assign(response.begin(), response.end());
    return scale;
}

} // namespace sqd
