// Least squares of the peak model with bounds.
#include "pipeline/reduce/peak_fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sqd {

namespace {

using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, peak_parameters, 1>;
using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, peak_parameters, peak_parameters>;

constexpr int max_iterations = 300;

// Fitted parameters -> parameters of the model: a symmetric peak has one width and one mixing for both sides.
struct Tie {
    std::array<Eigen::Index, peak_parameters> column;
    Eigen::Index columns;

    explicit Tie(PeakModel model) : column{0, 1, 2, 3, 4, 5, 6, 7}, columns(peak_parameters) {
        if (model == PeakModel::pseudo_voigt) *this = Tie({0, 1, 2, 2, 3, 3, 4, 5}, 6);
    }
    Tie(std::array<Eigen::Index, peak_parameters> of, Eigen::Index n) : column(of), columns(n) {}

    Vector pack(PeakParameters const& p) const {
        Vector v(columns);
        for (std::size_t i = 0; i < peak_parameters; ++i) v[column[i]] = p[i];
        return v;
    }
    PeakParameters unpack(Vector const& v) const {
        PeakParameters p{};
        for (std::size_t i = 0; i < peak_parameters; ++i) p[i] = v[column[i]];
        return p;
    }
    /// Columns that a point of one side hangs on.
    std::array<Eigen::Index, 6> of_side(bool left) const {
        auto const parameters = parameters_of_side(left);
        std::array<Eigen::Index, 6> out{};
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = column[parameters[k]];
        return out;
    }
};

// chi^2, J^T W r and J^T W J at one place.
struct Normal {
    double chi2 = 0;
    Vector gradient;
    Square curvature;
};

class Problem {
public:
    Problem(PeakData const& data, PeakBounds const& bounds, PeakModel model)
        : data_(data), tie_(model), low_(tie_.pack(bounds.low)), high_(tie_.pack(bounds.high)), weight_(data.q.size(), 1.0) {
        for (std::size_t i = 0; i < data.sigma.size(); ++i) weight_[i] = 1 / (data.sigma[i] * data.sigma[i]);
    }

    Tie const& tie() const { return tie_; }
    Vector clamp(Vector const& v) const { return v.cwiseMax(low_).cwiseMin(high_); }

    double chi2(Vector const& at) const {
        auto const values = peak_values(tie_.unpack(at), data_.q);
        double sum = 0;
        for (std::size_t i = 0; i < data_.q.size(); ++i) {
            double const r = data_.y[i] - values[i];
            sum += weight_[i] * r * r;
        }
        return sum;
    }

    Normal normal(Vector const& at) const {
        auto const p = tie_.unpack(at);
        Normal n{0, Vector::Zero(tie_.columns), Square::Zero(tie_.columns, tie_.columns)};
        auto const decay = peak_decays(p, data_.q);
        std::array<Side, 2> sides{};
        for (std::size_t i = 0; i < data_.q.size(); ++i) {
            auto const point = peak_point(p, data_.q[i], decay[i]);
            double const r = data_.y[i] - point.value, w = weight_[i];
            n.chi2 += w * r * r;
            Side& side = sides[point.left];
            for (std::size_t k = 0; k < side.gradient.size(); ++k) {
                double const pull = w * point.derivative[k];
                side.gradient[k] += pull * r;
                for (std::size_t l = 0; l <= k; ++l) side.curvature[k][l] += pull * point.derivative[l];
            }
        }
        for (bool const left : {false, true}) {
            auto const column = tie_.of_side(left);
            for (std::size_t k = 0; k < column.size(); ++k) {
                n.gradient[column[k]] += sides[left].gradient[k];
                for (std::size_t l = 0; l < column.size(); ++l)
                    n.curvature(column[k], column[l]) += sides[left].curvature[std::max(k, l)][std::min(k, l)];
            }
        }
        return n;
    }

    Vector gradient(Vector const& at) const {
        auto const p = tie_.unpack(at);
        auto const decay = peak_decays(p, data_.q);
        std::array<Side, 2> sides{};
        for (std::size_t i = 0; i < data_.q.size(); ++i) {
            auto const point = peak_point(p, data_.q[i], decay[i]);
            double const pull = weight_[i] * (data_.y[i] - point.value);
            for (std::size_t k = 0; k < point.derivative.size(); ++k) sides[point.left].gradient[k] += pull * point.derivative[k];
        }
        Vector out = Vector::Zero(tie_.columns);
        for (bool const left : {false, true})
            for (std::size_t k = 0; k < sides[left].gradient.size(); ++k) out[tie_.of_side(left)[k]] += sides[left].gradient[k];
        return out;
    }

    // Columns of J^T W, one after the other.
    template <class Take>
    void weighted_gradients(PeakParameters const& p, Take const& take) const {
        auto const decay = peak_decays(p, data_.q);
        for (std::size_t i = 0; i < data_.q.size(); ++i) {
            auto const point = peak_point(p, data_.q[i], decay[i]);
            auto const column = tie_.of_side(point.left);
            Vector out = Vector::Zero(tie_.columns);
            for (std::size_t k = 0; k < column.size(); ++k) out[column[k]] = weight_[i] * point.derivative[k];
            take(i, out);
        }
    }
    std::size_t size() const { return data_.q.size(); }

    // At a bound, and the next step would leave.
    bool rests(Vector const& at, Vector const& gradient, Eigen::Index i) const {
        return (at[i] <= low_[i] && gradient[i] <= 0) || (at[i] >= high_[i] && gradient[i] >= 0);
    }

private:
    // Sums over the points of one side, by the parameters of that side; the lower triangle.
    struct Side {
        std::array<double, 6> gradient{};
        std::array<std::array<double, 6>, 6> curvature{};
    };

    PeakData data_;
    Tie tie_;
    Vector low_, high_;
    std::vector<double> weight_;
};

// Rows and columns of resting parameters become those of the unit matrix: they do not move.
void freeze(Problem const& problem, Vector const& at, Normal& n) {
    for (Eigen::Index i = 0; i < at.size(); ++i) {
        if (!problem.rests(at, n.gradient, i)) continue;
        n.curvature.row(i).setZero();
        n.curvature.col(i).setZero();
        n.curvature(i, i) = 1;
        n.gradient[i] = 0;
    }
}

struct Minimum {
    Vector at;
    double chi2 = 0;
    bool converged = false;
    int iterations = 0;
};

Minimum descend(Problem const& problem, Vector const& start) {
    Minimum m{problem.clamp(start), 0, false, 0};
    double damping = 1e-3;
    m.chi2 = problem.chi2(m.at);
    while (m.iterations < max_iterations && !m.converged) {
        Normal n = problem.normal(m.at);
        freeze(problem, m.at, n);
        for (bool better = false; !better && m.iterations < max_iterations && !m.converged; ++m.iterations) {
            Square damped = n.curvature;
            damped.diagonal() *= 1 + damping;
            Vector const next = problem.clamp(m.at + damped.ldlt().solve(n.gradient));
            double const chi2 = problem.chi2(next);
            better = chi2 < m.chi2;
            double const gain = (m.chi2 - chi2) / m.chi2;
            // no step improves any more, or the last one did only by rounding
            m.converged = (better && gain < 1e-12) || (!better && (damping > 1e10 || std::abs(gain) < 1e-14)) || m.chi2 == 0;
            if (better) {
                m.at = next;
                m.chi2 = chi2;
            }
            damping = better ? std::max(damping / 10, 1e-12) : damping * 10;
        }
    }
    return m;
}

// Second derivatives of chi^2 / 2 by central differences of its analytic gradient.
Square hessian(Problem const& problem, Vector const& at, Square const& curvature) {
    Eigen::Index const n = at.size();
    Square h(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
        double const step = 1e-4 * std::max(1 / std::sqrt(curvature(i, i)), 1e-3 * std::abs(at[i]));
        Vector up = at, down = at;
        up[i] += step;
        down[i] -= step;
        h.col(i) = (problem.gradient(down) - problem.gradient(up)) / (2 * step);
    }
    return (h + h.transpose()) / 2;
}

void add_response(PeakFit& fit, Problem const& problem, Vector const& at) {
    Normal const n = problem.normal(at);
    Square h = hessian(problem, at, n.curvature);
    std::array<bool, peak_parameters> resting{};
    fit.free_parameters = static_cast<std::size_t>(at.size());
    for (Eigen::Index i = 0; i < at.size(); ++i) {
        if (!problem.rests(at, n.gradient, i)) continue;
        resting[static_cast<std::size_t>(i)] = true;
        --fit.free_parameters;
        h.row(i).setZero();
        h.col(i).setZero();
        h(i, i) = 1;
    }
    Eigen::LLT<Square> const decomposed(h);
    if (decomposed.info() != Eigen::Success) return;
    Square const inverse = decomposed.solve(Square::Identity(at.size(), at.size()));
    for (auto& row : fit.response) row.resize(problem.size());
    problem.weighted_gradients(fit.parameters, [&](std::size_t i, Vector pull) {
        for (Eigen::Index k = 0; k < at.size(); ++k)
            if (resting[static_cast<std::size_t>(k)]) pull[k] = 0;
        Vector const moved = inverse * pull;
        for (std::size_t k = 0; k < peak_parameters; ++k) fit.response[k][i] = moved[problem.tie().column[k]];
    });
}

} // namespace

PeakFit fit_peak(PeakData const& data, PeakParameters const& start, PeakBounds const& bounds, PeakModel model) {
    Problem const problem(data, bounds, model);
    Minimum const minimum = descend(problem, problem.tie().pack(start));
    PeakFit fit;
    fit.parameters = problem.tie().unpack(minimum.at);
    fit.chi2 = minimum.chi2;
    fit.converged = minimum.converged && std::isfinite(minimum.chi2);
    fit.iterations = minimum.iterations;
    if (!fit.converged) return fit;
    Vector const gradient = problem.gradient(minimum.at);
    for (std::size_t i = 0; i < peak_parameters; ++i) fit.at_bound[i] = problem.rests(minimum.at, gradient, problem.tie().column[i]);
    add_response(fit, problem, minimum.at);
    return fit;
}

double variance_under(std::vector<double> const& response, std::span<double const> sigma) {
    double sum = 0;
    for (std::size_t i = 0; i < response.size(); ++i) sum += std::pow(response[i] * sigma[i], 2);
    return sum;
}

} // namespace sqd
