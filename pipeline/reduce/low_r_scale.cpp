// The scale by what G(r) is where no atoms meet.
#include "pipeline/reduce/low_r_scale.hpp"

#include "pipeline/reduce/gauss_legendre.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd {

namespace {

// Weights of the data in int_0^q_max q f(q) sin(qr) dq, and what S - 1 has below the data where the data say nothing.
struct SineWeights {
    std::vector<double> of_data;
    double of_one = 0; ///< int q sin(qr) dq over the low part: S = 1 there
};

class SineWeightsAt {
public:
    SineWeightsAt(std::vector<double> const& q_invA, LowQ low_q) : q_(q_invA), trapezoid_(trapezoid_weights(q_invA)) {
        auto const model = low_q_model(low_q, q_invA);
        if (model.end_invA == 0) return;
        low_ = gauss_legendre(16, 0, model.end_invA); // q r stays below some units there
        for (double const q : low_.x) rows_.push_back(low_q_weights(model, q));
    }
    SineWeights operator()(double r_A) const {
        SineWeights out;
        for (std::size_t j = 0; j < q_.size(); ++j) out.of_data.push_back(trapezoid_[j] * q_[j] * std::sin(q_[j] * r_A));
        for (std::size_t i = 0; i < low_.x.size(); ++i) {
            double const weight = low_.weight[i] * low_.x[i] * std::sin(low_.x[i] * r_A);
            out.of_one += weight;
            for (std::size_t m = 0; m < rows_[i].size(); ++m) out.of_data[m] += weight * rows_[i][m];
        }
        return out;
    }

private:
    std::vector<double> q_, trapezoid_;
    Quadrature low_;
    std::vector<std::vector<double>> rows_;
};

} // namespace

std::optional<LinearScale> low_r_scale(ScaledData const& data, double density_A3, NormalizationConfig const& config) {
    if (!(config.low_r_cut_A > 0)) return std::nullopt;
    SineWeightsAt const weights_at(data.q_invA, config.low_q);
    auto const radii = gauss_legendre(48, 0, config.low_r_cut_A);
    std::size_t const n = data.q_invA.size();
    // (pi / 2) G = alpha Y - T: Y = sum w y, T = sum w t + (of_one - sum w over the low part), and (pi / 2) 4 pi rho0 r = D
    double yy = 0, yx = 0;
    std::vector<SineWeights> rows;
    std::vector<double> transforms, excesses; // Y, and T - D
    auto const trapezoid = trapezoid_weights(data.q_invA);
    for (std::size_t k = 0; k < radii.x.size(); ++k) {
        double const r = radii.x[k];
        rows.push_back(weights_at(r));
        double y = 0, t = rows[k].of_one;
        for (std::size_t j = 0; j < n; ++j) {
            double const w = rows[k].of_data[j], direct = trapezoid[j] * data.q_invA[j] * std::sin(data.q_invA[j] * r);
            y += w * data.y[j];
            t += w * data.t[j] - (w - direct); // below the data S = sum of (1 + alpha y - t)
        }
        transforms.push_back(y);
        excesses.push_back(t - 2 * std::numbers::pi * std::numbers::pi * density_A3 * r);
        yy += radii.weight[k] * y * y;
        yx += radii.weight[k] * y * excesses[k];
    }
    LinearScale scale;
    scale.alpha = yx / yy;
    scale.response.assign(n, 0.0);
    for (std::size_t k = 0; k < radii.x.size(); ++k) {
        double const factor = radii.weight[k] * (excesses[k] - 2 * scale.alpha * transforms[k]) / yy;
        for (std::size_t j = 0; j < n; ++j) scale.response[j] += factor * rows[k].of_data[j];
    }
    return scale;
}

} // namespace sqd
