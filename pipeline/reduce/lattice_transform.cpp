#include "pipeline/reduce/lattice_transform.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/band_limited.hpp"
#include "pipeline/reduce/lane_loops.hpp"
#include "pipeline/reduce/lattice_sums.hpp"
#include "pipeline/reduce/normalization.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <numbers>
#include <utility>

namespace sqd {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Array = Eigen::ArrayXd;

std::vector<double> values_of(Array const& a) {
    return {a.data(), a.data() + a.size()};
}

template <class Numbers>
std::span<double const> span(Numbers const& numbers) {
    return {numbers.data(), static_cast<std::size_t>(numbers.size())};
}

Eigen::Index index(std::size_t i) {
    return static_cast<Eigen::Index>(i);
}

// How values at any r come of those on the lattice at 0, 1, ... steps; on the other side of 0 the function is the same, or its negative.
class BetweenPoints {
public:
    BetweenPoints(double frequency, double step, int parity) : interpolation_(frequency * step), step_(step), parity_(parity) {}

    /// Points that radii up to `r` need.
    std::size_t points(double r) const { return static_cast<std::size_t>(r / step_) + interpolation_.reach() + 2; }

    std::vector<double> operator()(std::vector<double> const& on_lattice, std::vector<double> const& r_A) {
        std::size_t const reach = interpolation_.reach();
        std::vector<double> both(reach + on_lattice.size());
        for (std::size_t i = 1; i <= reach; ++i) both[reach - i] = parity_ * on_lattice[i];
        std::copy(on_lattice.begin(), on_lattice.end(), both.begin() + static_cast<std::ptrdiff_t>(reach));
        std::vector<double> out;
        for (double const r : r_A) {
            double const at = r / step_, nearest = std::round(at);
            constexpr double same = 1e-9;
            if (std::abs(at - nearest) < same) {
                out.push_back(on_lattice[static_cast<std::size_t>(nearest)]);
                continue;
            }
            auto const below = static_cast<std::size_t>(at);
            auto const& weights = weights_of(at - static_cast<double>(below));
            out.push_back(view(weights).matrix().dot(view(both).segment(index(below + 1), index(weights.size())).matrix()));
        }
        return out;
    }

private:
    // Even radii have few fractions.
    std::vector<double> const& weights_of(double fraction) {
        constexpr double same = 1e-9;
        for (auto const& [known, weights] : known_)
            if (std::abs(known - fraction) < same) return weights;
        return known_.emplace_back(fraction, interpolation_.weights(fraction)).second;
    }

    LatticeInterpolation interpolation_;
    double step_;
    int parity_;
    std::vector<std::pair<double, std::vector<double>>> known_;
};

// A list of functions of q that are transformed together; where each is, is known before.
class Functions {
public:
    template <class Expression>
    std::size_t add(Eigen::ArrayBase<Expression> const& f) {
        std::vector<double>& to = all_.emplace_back(static_cast<std::size_t>(f.size()));
        Eigen::Map<Array>(to.data(), f.size()) = f;
        return all_.size() - 1;
    }
    std::vector<WaveSums> on_lattice(std::span<double const> q, double step, std::size_t count, LatticeSums::Roots& roots) const {
        return all_.empty() ? std::vector<WaveSums>{} : LatticeSums(q, step, count)(all_, roots);
    }

private:
    std::vector<std::vector<double>> all_;
};

// sum f sin(q a) sin(q b), a and b in steps.
double sine_product(WaveSums const& f, std::size_t a, std::size_t b) {
    return (f.cosine[a > b ? a - b : b - a] - f.cosine[a + b]) / 2;
}

// Factors 1 - K(S) of the steps of the cleaning, and products of those before and after each.
struct StepFactors {
    std::vector<Array> one, before, after; ///< per step
    Array all;                             ///< their product
};

StepFactors products_of(std::vector<Array> one, Eigen::Index points) {
    StepFactors out;
    out.one = std::move(one);
    out.all = Array::Ones(points);
    for (auto const& factor : out.one) {
        out.before.push_back(out.all);
        out.all *= factor;
    }
    out.after.assign(out.one.size(), Array::Ones(points));
    for (std::size_t i = out.one.size(); i-- > 1;) out.after[i - 1] = out.after[i] * out.one[i];
    return out;
}

// One kind of error: variances of the data, in the order of the grid where they are on it.
struct Kind {
    std::vector<double> variance; ///< per datum; 0 where it does not count, known or not
    Array direct2;                ///< variance direct^2, per point of the grid
    std::size_t whole = 0;        ///< functions: variance (direct kernel)^2
    std::vector<std::size_t> with_low, with_shared, low_low, low_shared;
};

class SpreadOnLattice {
public:
    SpreadOnLattice(SineTransform const& transform, GridErrors const& errors, LowRModel const* cleaning, double step)
        : q_(transform.q_invA), kernel_(view(transform.kernel)), errors_(errors), step_(step),
          count_(cleaning != nullptr ? cleaning->before.size() : 0) {
        factors_ = products_of(count_ > 0 ? cleaning->factors : std::vector<Array>{}, kernel_.size());
        if (count_ > 0) {
            basis_ = cleaning->basis;
            s_ = cleaning->before;
            plain_ = 2 / std::numbers::pi * view(trapezoid_weights(q_)) * view(q_);
        }
        over_q_ = (view(q_) > 0).select(1 / view(q_).max(1e-300), 0); // at q = 0 every sine is 0
    }

    /// Values of the transform of `y`, and variances per kind of sigma, at 0, 1, ... `points` - 1 steps.
    std::vector<std::vector<double>> variances(std::vector<std::vector<double> const*> const& sigmas, Array const& y, std::size_t points,
                                               std::size_t count, std::vector<double>& values) {
        for (auto const* sigma : sigmas) kinds_.push_back(kind_of(*sigma));
        far_.add(kernel_ * y);
        far_.add(Array::Zero(kernel_.size())); // goes with the values: they are to be those without errors, to the bit
        add_functions();
        std::size_t const reach = basis_.multiple.empty() ? 0 : basis_.multiple.back();
        LatticeSums::Roots roots;
        auto const far = far_.on_lattice(q_, step_, count, roots);
        values = far.front().sine;
        auto const near = near_.on_lattice(q_, step_, 2 * reach + 1, roots);
        auto const twice = twice_.on_lattice(q_, 2 * step_, count, roots);
        Matrix const links = linked(far, near);
        Array const moves = coefficients(far, links, points);
        std::vector<std::vector<double>> out;
        for (auto const& kind : kinds_) out.push_back(variance(kind, far, near, twice, moves, points));
        return out;
    }

private:
    std::size_t low() const { return count_ * basis_.multiple.size(); }
    std::size_t all() const { return low() + errors_.shared.size(); }

    Kind kind_of(std::vector<double> const& sigma) const {
        Kind kind;
        std::size_t const first = errors_.first_datum, on_grid = q_.size() - first;
        kind.direct2 = Array::Zero(kernel_.size());
        for (std::size_t j = 0; j < sigma.size(); ++j) {
            bool counts = j < on_grid && errors_.direct[j] != 0 && kernel_[index(first + j)] != 0;
            for (auto const& shared : errors_.shared) counts = counts || shared.response[j] != 0;
            kind.variance.push_back(counts ? sigma[j] * sigma[j] : 0);
            if (j < on_grid) kind.direct2[index(first + j)] = kind.variance[j] * errors_.direct[j] * errors_.direct[j];
        }
        return kind;
    }

    // variance direct response on the grid
    Array with_direct(Kind const& kind, SharedParameter const& shared) const {
        Array out = Array::Zero(kernel_.size());
        for (std::size_t i = errors_.first_datum; i < q_.size(); ++i) {
            std::size_t const j = i - errors_.first_datum;
            out[index(i)] = kind.variance[j] * errors_.direct[j] * shared.response[j];
        }
        return out;
    }

    // Everything that is summed over q. w = kernel' sin(qr) - sum plain before_m sum_n sin(q r_n) a_mn, kernel' = kernel x all factors.
    void add_functions() {
        Array const kernel = kernel_ * factors_.all;
        for (std::size_t i = 0; i < count_; ++i) of_steps_.push_back(far_.add(s_[i] * factors_.after[i] * kernel_ * over_q_));
        for (auto const& shared : errors_.shared) of_shared_.push_back(far_.add(kernel * view(shared.effect)));
        for (std::size_t i = 0; i < count_; ++i) {
            Array between = Array::Ones(kernel.size()); // factors of the steps between i and m
            for (std::size_t m = i + 1; m < count_; ++m) {
                between_.push_back(far_.add(s_[i] * between * plain_ * over_q_));
                between *= factors_.one[m];
            }
        }
        for (auto const& shared : errors_.shared)
            for (std::size_t m = 0; m < count_; ++m) near_.add(view(shared.effect) * plain_ * factors_.before[m]);
        for (auto& kind : kinds_) {
            kind.whole = twice_.add(kind.direct2 * kernel.square());
            for (std::size_t m = 0; m < count_; ++m) {
                Array const one = kind.direct2 * plain_ * factors_.before[m];
                kind.with_low.push_back(far_.add(one * kernel));
                for (std::size_t k = 0; k <= m; ++k) kind.low_low.push_back(near_.add(one * plain_ * factors_.before[k]));
            }
            for (auto const& shared : errors_.shared) {
                Array const both = with_direct(kind, shared);
                kind.with_shared.push_back(far_.add(both * kernel));
                for (std::size_t m = 0; m < count_; ++m) kind.low_shared.push_back(near_.add(both * plain_ * factors_.before[m]));
            }
        }
    }

    Matrix products(WaveSums const& f) const {
        auto const& r = basis_.multiple;
        Matrix out(index(r.size()), index(r.size()));
        for (std::size_t a = 0; a < r.size(); ++a)
            for (std::size_t b = 0; b < r.size(); ++b) out(index(a), index(b)) = sine_product(f, r[a], r[b]);
        return out;
    }
    Eigen::VectorXd sines_at_radii(WaveSums const& f) const {
        Eigen::VectorXd out(index(basis_.multiple.size()));
        for (std::size_t n = 0; n < basis_.multiple.size(); ++n) out[index(n)] = f.sine[basis_.multiple[n]];
        return out;
    }

    // From what the sines of w have with S before each step, and with the effects, to all a_mn and to what is shared.
    Matrix linked(std::vector<WaveSums> const& far, std::vector<WaveSums> const& near) const {
        Matrix out = Matrix::Identity(index(all()), index(all()));
        std::size_t at = 0;
        auto const radii = index(basis_.multiple.size());
        std::vector<std::vector<Matrix>> between(count_);
        for (std::size_t i = 0; i < count_; ++i)
            for (std::size_t m = i + 1; m < count_; ++m) between[i].push_back(products(far[between_[at++]]));
        for (std::size_t i = count_; i-- > 0;) { // the last step is the first backwards
            Matrix row = out.middleRows(index(i) * radii, radii);
            for (std::size_t m = i + 1; m < count_; ++m) row -= between[i][m - i - 1] * out.middleRows(index(m) * radii, radii);
            out.middleRows(index(i) * radii, radii) = basis_.weight * row;
        }
        at = 0;
        for (std::size_t l = 0; l < errors_.shared.size(); ++l)
            for (std::size_t m = 0; m < count_; ++m)
                out.row(index(low() + l)) -= sines_at_radii(near[at++]).transpose() * out.middleRows(index(m) * radii, radii);
        return out;
    }

    // All a_mn and what is shared at every point of the lattice, a row each.
    Array coefficients(std::vector<WaveSums> const& far, Matrix const& links, std::size_t points) const {
        Array in(index(all() * points)), out(index(all() * points));
        double* row = in.data();
        for (std::size_t i = 0; i < count_; ++i)
            for (std::size_t const n : basis_.multiple) row = put_products(far[of_steps_[i]], n, 1, points, row);
        for (std::size_t l = 0; l < errors_.shared.size(); ++l) row = std::copy_n(far[of_shared_[l]].sine.begin(), points, row);
        if (all() > 0) multiply_rows({span(links), all()}, {span(in), points}, {out.data(), all() * points});
        return out;
    }

    // sum f sin(q n) sin(q r) for all r, times `factor`
    static double* put_products(WaveSums const& f, std::size_t n, double factor, std::size_t points, double* to) {
        for (std::size_t r = 0; r < std::min(n, points); ++r) *to++ = factor / 2 * (f.cosine[n - r] - f.cosine[n + r]);
        for (std::size_t r = n; r < points; ++r) *to++ = factor / 2 * (f.cosine[r - n] - f.cosine[r + n]);
        return to;
    }

    std::vector<double> variance(Kind const& kind, std::vector<WaveSums> const& far, std::vector<WaveSums> const& near,
                                 std::vector<WaveSums> const& twice, Array const& moves, std::size_t points) const {
        std::vector<double> out(points);
        auto const& whole = twice[kind.whole].cosine;
        for (std::size_t r = 0; r < points; ++r) out[r] = (whole[0] - whole[r]) / 2;
        if (all() == 0) return out;
        Array cross(moves.size());
        double* row = cross.data();
        for (std::size_t m = 0; m < count_; ++m)
            for (std::size_t const n : basis_.multiple) row = put_products(far[kind.with_low[m]], n, -2, points, row);
        for (std::size_t const f : kind.with_shared)
            row = std::transform(far[f].sine.begin(), far[f].sine.begin() + static_cast<std::ptrdiff_t>(points), row,
                                 [](double x) { return 2 * x; });
        Eigen::Map<Array> sum(out.data(), index(points));
        for (std::size_t k = 0; k < all(); ++k)
            sum += cross.segment(index(k * points), index(points)) * moves.segment(index(k * points), index(points));
        Matrix const form = form_of(kind, near);
        add_quadratic_forms({span(form), all()}, {span(moves), points}, out);
        return out;
    }

    // Lower triangle, what is off the diagonal twice.
    Matrix form_of(Kind const& kind, std::vector<WaveSums> const& near) const {
        Matrix out = Matrix::Zero(index(all()), index(all()));
        auto const radii = index(basis_.multiple.size());
        std::size_t at = 0;
        for (std::size_t m = 0; m < count_; ++m)
            for (std::size_t k = 0; k <= m; ++k)
                out.block(index(m) * radii, index(k) * radii, radii, radii) = products(near[kind.low_low[at++]]);
        at = 0;
        for (std::size_t l = 0; l < errors_.shared.size(); ++l) {
            for (std::size_t m = 0; m < count_; ++m)
                out.block(index(low() + l), index(m) * radii, 1, radii) = -sines_at_radii(near[kind.low_shared[at++]]).transpose();
            for (std::size_t k = 0; k <= l; ++k) {
                auto const &a = errors_.shared[l].response, &b = errors_.shared[k].response;
                for (std::size_t j = 0; j < a.size(); ++j) out(index(low() + l), index(low() + k)) += kind.variance[j] * a[j] * b[j];
            }
        }
        out.triangularView<Eigen::StrictlyLower>() *= 2;
        return out;
    }

    std::vector<double> const& q_;
    Array kernel_;
    GridErrors const& errors_;
    double step_;
    std::size_t count_; ///< steps of the cleaning
    StepFactors factors_;
    LowRBasis basis_;
    Array plain_, over_q_; ///< kernel without window; 1 / q
    std::vector<Array> s_;
    std::vector<Kind> kinds_;
    std::vector<std::size_t> of_steps_, of_shared_, between_; ///< functions of far_
    Functions far_, near_, twice_;
};

// The lattice of a transform: its points up to a radius, and beyond them as far as products of waves reach.
struct Lattice {
    double q_max, step;
    std::size_t points, count;
    BetweenPoints values, squares;

    Lattice(SineTransform const& transform, double r_max_A)
        : q_max(transform.q_invA.back()), step(lattice_step(q_max, transform.r_step_A)), values(q_max, step, -1),
          squares(2 * q_max, step, 1) {
        auto const reach = static_cast<std::size_t>(std::ceil(transform.low_r_cut_A / step)) + 1;
        points = squares.points(r_max_A);
        count = std::max(points, reach) + reach;
    }
};

} // namespace

std::vector<double> sine_transform(SineTransform const& transform, std::vector<double> const& y, std::vector<double> const& r_A) {
    if (r_A.empty()) return {};
    Lattice lattice(transform, r_A.back());
    LatticeSums::Roots roots;
    auto const sums = LatticeSums(transform.q_invA, lattice.step, lattice.count)({values_of(view(transform.kernel) * view(y))}, roots);
    return lattice.values(sums.front().sine, r_A);
}

TransformWithSpread sine_transform_with_spread(SineTransform const& transform, std::vector<double> const& y, GridErrors const& errors,
                                               std::vector<double> const& sigma, std::vector<double> const& background_sigma,
                                               LowRModel const* cleaning, std::vector<double> const& r_A) {
    if (r_A.empty()) return {};
    Lattice lattice(transform, r_A.back());
    std::vector<std::vector<double> const*> kinds{&sigma};
    if (!background_sigma.empty()) kinds.push_back(&background_sigma);
    std::vector<double> values;
    auto const variances =
        SpreadOnLattice(transform, errors, cleaning, lattice.step).variances(kinds, view(y), lattice.points, lattice.count, values);
    std::vector<std::vector<double>> squares;
    for (auto const& variance : variances) squares.push_back(lattice.squares(variance, r_A));
    auto const deviation = [](double variance) { return variance < 0 ? 0 : std::sqrt(variance); }; // a sum of squares, but for rounding
    TransformWithSpread out{lattice.values(values, r_A), {}};
    for (std::size_t i = 0; i < r_A.size(); ++i)
        out.spread.push_back({deviation(squares[0][i]), squares.size() > 1 ? deviation(squares[1][i]) : 0});
    return out;
}

} // namespace sqd
