// The scale by the sum rule of Krogh-Moe and Norman.
#pragma once

#include "pipeline/reduce/normalization.hpp"

namespace sqd {

/// Running integrals of q^2 y and q^2 t from 0 (what is below the data by the model of low q), with factor exp(-a q^2): alpha of the sum
/// rule for every end of the range. int q^2 (S - 1) = -2 pi^2 rho0 makes alpha = [int q^2 t - 2 pi^2 rho0] / int q^2 y.
class KmnScale {
public:
    KmnScale(ScaledData const& data, double density_A3, NormalizationConfig const& config);
    double alpha() const { return alpha_up_to(y_.size() - 1); }
    /// d alpha / d y_j = -alpha w_j / int q^2 y.
    std::vector<double> response() const;
    /// int q^2 f of a term of t, over int q^2 y: by so much alpha rises per unit of it.
    double share_of(std::vector<double> const& term) const;
    /// The weights w_j of int q^2 y = sum w_j y_j.
    std::vector<double> const& weights() const { return weights_; }

    /// Half the range, and the mean, of alpha while the end moves over the last 2.6 1/A (one period of the first shell), or the last
    /// half of the range if that is less.
    struct Ends {
        double half_range = 0, mean = 0;
    };
    Ends over_last_period() const;

private:
    double alpha_up_to(std::size_t last) const { return (t_[last] - density_term_) / y_[last]; }

    std::vector<double> q_, weights_, y_, t_;
    double density_term_;
};

} // namespace sqd
