// Density and background by what G(r) must be where no atoms meet.
#include "pipeline/reduce/low_r_refinement.hpp"

#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/low_r_cleaning.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/sample_physics.hpp"
#include "pipeline/reduce/structure_factor.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

constexpr double density_reach = 0.5, background_reach = 0.3; ///< relative, to both sides
constexpr double most_uncertain = 0.05;                       ///< of the density, relative sigma

// What one density and one scale of the background lead to.
struct Try {
    StructureFactor sq;
    TransformGrid grid;
    double density_A3 = 0;
};

// Parameters are relative to where the refinement begins.
class Problem {
public:
    Problem(Pattern1D const& sample, Pattern1D const* background, ReducedCurves const& first, ReductionConfig const& config)
        : sample_(sample), background_(background), config_(refined_recipe(config, first, {})), density_(*config_.sample.density_g_cm3),
          scale_(first.background_scale) {
        auto const refine = config.pair_distribution->refine;
        if (refine != Refine::background) parameters_.push_back(Parameter::density);
        if (refine != Refine::density) parameters_.push_back(Parameter::background);
    }

    Eigen::VectorXd start() const { return Eigen::VectorXd::Ones(static_cast<Eigen::Index>(parameters_.size())); }
    bool inside(Eigen::VectorXd const& p) const {
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            double const reach = parameters_[i] == Parameter::density ? density_reach : background_reach;
            if (!(std::abs(p[static_cast<Eigen::Index>(i)] - 1) < reach)) return false;
        }
        return true;
    }

    std::optional<Try> at(Eigen::VectorXd const& p) const {
        auto config = config_;
        double scale = scale_;
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            double const factor = p[static_cast<Eigen::Index>(i)];
            if (parameters_[i] == Parameter::density)
                config.sample.density_g_cm3 = density_ * factor;
            else
                scale *= factor;
        }
        std::vector<std::string> flags; // those of the curves that come of it are theirs
        auto sq = structure_factor(background_ ? subtract(sample_, *background_, scale) : sample_, config, flags);
        if (!sq) return std::nullopt;
        auto grid = transform_grid(*sq, config.pair_distribution->q_max_invA, config.structure_factor->normalization.low_q);
        double const density = number_density_A3(config.sample.composition, *config.sample.density_g_cm3);
        return Try{std::move(*sq), std::move(grid), density};
    }

    LowRExcess excess(Try const& t) const {
        auto const& pd = *config_.pair_distribution;
        return low_r_excess(t.grid, t.density_A3, pd.low_r_cut_A, pd.iterations, pd.r_step_A);
    }

    void put(LowRRefinement& out, Eigen::VectorXd const& p, Try const& t, std::vector<std::vector<double>> const& sensitivity) const {
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            double const unit = parameters_[i] == Parameter::density ? t.density_A3 / p[static_cast<Eigen::Index>(i)] : scale_;
            auto b = sensitivity.empty() ? std::vector<double>(t.sq.q_invA.size(), std::nan("")) : sensitivity[i];
            for (double& each : b) each *= unit;
            auto found = estimate(unit * p[static_cast<Eigen::Index>(i)], t.sq.errors, std::move(b));
            (parameters_[i] == Parameter::density ? out.density_A3 : out.background_scale) = std::move(found);
        }
    }

private:
    enum class Parameter { density, background };
    Pattern1D const& sample_;
    Pattern1D const* background_;
    ReductionConfig config_;
    double density_, scale_;
    std::vector<Parameter> parameters_;
};

Eigen::VectorXd vector_of(std::vector<double> const& v) {
    return Eigen::Map<Eigen::VectorXd const>(v.data(), static_cast<Eigen::Index>(v.size()));
}

// d residual / d parameter, by central differences. Empty where a try has no S(q).
Eigen::MatrixXd jacobian(Problem const& problem, Eigen::VectorXd const& p, Eigen::Index residuals) {
    constexpr double step = 1e-4;
    Eigen::MatrixXd out(residuals, p.size());
    for (Eigen::Index i = 0; i < p.size(); ++i) {
        Eigen::VectorXd up = p, down = p;
        up[i] += step;
        down[i] -= step;
        auto const high = problem.at(up), low = problem.at(down);
        if (!high || !low) return {};
        out.col(i) = (vector_of(problem.excess(*high).residual) - vector_of(problem.excess(*low).residual)) / (2 * step);
    }
    return out;
}

struct Minimum {
    Eigen::VectorXd p;
    Try at;
    LowRExcess excess;
    Eigen::MatrixXd jacobian;
    std::string failure;
};

double misfit_of(LowRExcess const& excess) {
    return vector_of(excess.residual).squaredNorm();
}

// Levenberg (1944) & Marquardt (1963).
std::optional<Minimum> minimise(Problem const& problem) {
    constexpr int most_steps = 40;
    constexpr double converged = 1e-7, raise = 10, lower = 0.3;
    auto first = problem.at(problem.start());
    if (!first) return std::nullopt;
    auto excess = problem.excess(*first);
    Minimum m{problem.start(), std::move(*first), std::move(excess), {}, ""};
    double damping = 1e-3;
    for (int step = 0; step < most_steps; ++step) {
        Eigen::VectorXd const residual = vector_of(m.excess.residual);
        m.jacobian = jacobian(problem, m.p, residual.size());
        if (m.jacobian.size() == 0) break;
        Eigen::MatrixXd const curvature = m.jacobian.transpose() * m.jacobian;
        Eigen::VectorXd const gradient = m.jacobian.transpose() * residual;
        for (bool better = false; !better;) {
            Eigen::MatrixXd damped = curvature;
            damped.diagonal() *= 1 + damping;
            Eigen::VectorXd const move = -damped.ldlt().solve(gradient);
            if (!(move.norm() > converged)) return m;
            Eigen::VectorXd const next = m.p + move;
            if (!problem.inside(next)) {
                m.failure = "at_bound";
                return m;
            }
            auto there = problem.at(next);
            auto excess_there = there ? std::optional(problem.excess(*there)) : std::nullopt;
            better = excess_there && misfit_of(*excess_there) < misfit_of(m.excess);
            damping *= better ? lower : raise;
            if (better) m = {next, std::move(*there), std::move(*excess_there), std::move(m.jacobian), ""};
            constexpr double hopeless = 1e8;
            if (damping > hopeless) return m; // no way down is left: rounding
        }
    }
    m.failure = "no_convergence";
    return m;
}

// dp = -(J^T J)^-1 J^T d residual, and d residual / d datum backwards through the cleaning: one pass per parameter.
std::vector<std::vector<double>> sensitivities(Minimum const& m) {
    Eigen::MatrixXd const weights = -(m.jacobian.transpose() * m.jacobian).ldlt().solve(m.jacobian.transpose());
    std::vector<std::vector<double>> out;
    for (Eigen::Index i = 0; i < weights.rows(); ++i) {
        Eigen::VectorXd const row = weights.row(i).transpose();
        auto of_data = fold(m.at.grid, pull_back(m.at.grid, m.excess, {row.data(), row.data() + row.size()}));
        of_data.resize(m.at.sq.q_invA.size(), 0.0); // data beyond the transform
        out.push_back(sensitivity(m.at.sq.errors, of_data));
    }
    return out;
}

} // namespace

std::optional<LowRRefinement> refine_low_r(Pattern1D const& sample, Pattern1D const* background, ReducedCurves const& first,
                                           ReductionConfig const& config) {
    if (!first.gr || !(config.pair_distribution->low_r_cut_A > 0)) return std::nullopt;
    LowRRefinement out;
    if (config.pair_distribution->refine != Refine::density && !background) {
        out.refused = "no_background";
        return out;
    }
    Problem const problem(sample, background, first, config);
    auto const start = problem.at(problem.start());
    auto const minimum = minimise(problem);
    if (!start || !minimum) return std::nullopt;
    out.misfit_before = misfit_of(problem.excess(*start));
    out.misfit = misfit_of(minimum->excess);
    out.refused = minimum->failure;
    problem.put(out, minimum->p, minimum->at, minimum->jacobian.size() > 0 ? sensitivities(*minimum) : std::vector<std::vector<double>>{});
    if (out.refused.empty() && out.density_A3 && out.density_A3->sigma > most_uncertain * out.density_A3->value)
        out.refused = "density_uncertain";
    return out;
}

ReductionConfig refined_recipe(ReductionConfig config, ReducedCurves const& first, LowRRefinement const& found) {
    config.pair_distribution->refine = Refine::none;
    if (first.transmission) config.sample.transmission = first.transmission; // not by the density that was found
    if (found.density_A3) config.sample.density_g_cm3 = mass_density_g_cm3(config.sample.composition, found.density_A3->value);
    if (found.background_scale) config.background.scale *= found.background_scale->value / first.background_scale;
    return config;
}

} // namespace sqd
