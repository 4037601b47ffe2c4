// Shells of neighbours in G(r): where they are, how high, how many atoms.
#include "pipeline/reduce/shells.hpp"

#include "pipeline/reduce/array_view.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/lane_loops.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <tuple>
#include <utility>

namespace sqd {

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double expansion_holds = 0.1; // relative variance of a second derivative up to which orders are told apart
constexpr std::size_t most_shells = 4;

using Weights = Eigen::ArrayXd; // of a quantity, by points of the grid

// G, its derivatives and integrals at one r as weights of the points, and their values.
class Transform {
public:
    explicit Transform(Spectrum const& spectrum)
        : q_(spectrum.grid.q_invA), kernel_(view(spectrum.kernel)), excess_(view(spectrum.excess)), first_(kernel_ * view(q_)),
          second_(first_ * view(q_)), moment_((view(q_) > 0).select(kernel_ / view(q_).square().max(1e-300), 0.0)),
          density_(4 * std::numbers::pi * spectrum.density_A3) {}

    class At {
    public:
        At(Transform const& of, double r_A) : of_(of), r_(r_A), sine_(of.kernel_.size()), cosine_(of.kernel_.size()) {
            sines_and_cosines(of.q_, r_, {sine_.data(), of.q_.size()}, {cosine_.data(), of.q_.size()});
        }

        auto g() const { return of_.kernel_ * sine_; }
        auto slope() const { return of_.first_ * cosine_; }
        auto curvature() const { return -(of_.second_ * sine_); }
        auto first_moment() const { return of_.moment_ * (sine_ - view(of_.q_) * r_ * cosine_); } ///< of int_0^r r' G dr'
        auto rdf_slope() const { return g() + r_ * slope(); }
        auto rdf_curvature() const { return 2 * slope() + r_ * curvature(); }

        template <class Expression>
        double value(Eigen::ArrayBase<Expression> const& weights) const {
            return (weights * of_.excess_).sum();
        }
        double rdf() const { return r_ * value(g()) + of_.density_ * r_ * r_; }
        double atoms_below() const { return value(first_moment()) + of_.density_ * r_ * r_ * r_ / 3; }

        // Where a function vanishes: value and slope of G, of RDF / r, or of the RDF, each with its own line of the density.
        std::pair<double, double> g_top() const { return {value(slope()), value(curvature())}; }
        std::pair<double, double> t_top() const { return {value(slope()) + of_.density_, value(curvature())}; }
        std::pair<double, double> rdf_extremum() const {
            return {value(rdf_slope()) + 2 * of_.density_ * r_, value(rdf_curvature()) + 2 * of_.density_};
        }

    private:
        Transform const& of_;
        double r_;
        Weights sine_, cosine_;
    };
    At at(double r_A) const { return {*this, r_A}; }

private:
    std::vector<double> const& q_;
    Weights kernel_, excess_, first_, second_, moment_;
    double density_;
};

// A place where a first derivative vanishes. `moves`: dr as weights; `shape`: the relative change of the second derivative.
struct Place {
    double r = not_known, curvature = not_known;
    Weights moves, shape;
    bool fixed() const { return moves.size() == 0; }
    bool known() const { return std::isfinite(r); }
};

// Newton's steps from a point of the grid, none longer than the grid's; `sign` of the second derivative: -1 a maximum, 1 a minimum.
template <class Derivatives>
Place extremum(double r, double longest, int sign, Derivatives const& derivatives) {
    constexpr int steps = 6; // from within one step of the grid Newton needs three
    constexpr double rounding = 1e-14;
    Place out;
    for (int i = 0; i < steps; ++i) {
        auto const [slope, curvature] = derivatives(r);
        if (!(sign * curvature > 0)) return {};
        double const move = std::clamp(-slope / curvature, -longest, longest);
        r += move;
        out.curvature = curvature;
        if (std::abs(move) < rounding * r) break;
    }
    out.r = r;
    return out;
}

Place with_errors(Place place, Weights const& slope, Weights const& curvature) {
    place.moves = -slope / place.curvature;
    place.shape = curvature / place.curvature;
    return place;
}

// Lowest value between the maximum and the next higher point on one side.
double valley(std::vector<double> const& g, std::size_t first, std::size_t at, int direction) {
    double lowest = g[at];
    for (std::size_t i = at; i > first && i + 1 < g.size() && g[i] <= g[at];) {
        i = direction > 0 ? i + 1 : i - 1;
        lowest = std::min(lowest, g[i]);
    }
    return lowest;
}

// Indices of the maxima beyond `first` that stand out above both their valleys.
std::vector<std::size_t> maxima(std::vector<double> const& g, std::size_t first, std::size_t most) {
    constexpr double standing_out = 0.2;
    std::vector<std::size_t> found;
    if (first + 2 >= g.size()) return found;
    double const highest = *std::max_element(g.begin() + static_cast<std::ptrdiff_t>(first), g.end());
    for (std::size_t i = first + 1; i + 1 < g.size() && found.size() < most; ++i) {
        if (g[i] <= g[i - 1] || g[i] < g[i + 1]) continue;
        double const prominence = g[i] - std::max(valley(g, first, i, -1), valley(g, first, i, 1));
        if (prominence >= standing_out * highest) found.push_back(i);
    }
    return found;
}

bool is_minimum(std::vector<double> const& y, std::size_t i) {
    return i > 0 && i + 1 < y.size() && y[i] <= y[i - 1] && y[i] < y[i + 1];
}

// Looks for limits and numbers of neighbours of shells.
class Counter {
public:
    Counter(Transform const& transform, Spectrum const& spectrum, std::vector<double> const& r_A, std::vector<double> const& g,
            std::size_t first)
        : transform_(transform), r_(r_A), first_(first), step_(r_A[1] - r_A[0]) {
        double const density = 4 * std::numbers::pi * spectrum.density_A3;
        for (std::size_t i = 0; i < g.size(); ++i) rdf_.push_back(r_A[i] * g[i] + density * r_A[i] * r_A[i]);
    }

    Place before_first(std::size_t top, double from_A) const {
        for (std::size_t i = top; i-- > first_ + 1;)
            if (is_minimum(rdf_, i) && rdf_[i] < rdf_[top] / 2) return minimum(i);
        Place out;
        out.r = from_A;
        return out;
    }
    Place between(std::size_t top, std::size_t next) const {
        std::size_t best = 0; // the RDF rises with r^2: its lowest value may be no minimum
        for (std::size_t i = top; i < next; ++i)
            if (is_minimum(rdf_, i) && (best == 0 || rdf_[i] < rdf_[best])) best = i;
        return best > 0 ? minimum(best) : Place{};
    }
    Place after_last(std::size_t top) const {
        for (std::size_t i = top; i + 1 < rdf_.size(); ++i)
            if (is_minimum(rdf_, i)) return minimum(i);
        return {};
    }

    // Maxima of RDF / r and of the RDF between two limits.
    Place t_top(double low, double high) const {
        auto const place = extremum(r_[highest(low, high, 1)], step_, -1, [&](double r) { return transform_.at(r).t_top(); });
        if (!place.known()) return place;
        auto const there = transform_.at(place.r);
        return with_errors(place, there.slope(), there.curvature());
    }
    Place rdf_top(double low, double high) const { return rdf_place(r_[highest(low, high, 0)], -1); }

private:
    Place minimum(std::size_t i) const { return rdf_place(r_[i], 1); }
    Place rdf_place(double r, int sign) const {
        auto const place = extremum(r, step_, sign, [&](double x) { return transform_.at(x).rdf_extremum(); });
        if (!place.known()) return place;
        auto const there = transform_.at(place.r);
        return with_errors(place, there.rdf_slope(), there.rdf_curvature());
    }
    // Index of the highest RDF / r^power.
    std::size_t highest(double low, double high, int power) const {
        std::size_t best = 0;
        double most = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < r_.size(); ++i) {
            double const y = rdf_[i] / std::pow(r_[i], power);
            if (r_[i] < low || r_[i] > high || y <= most) continue;
            best = i;
            most = y;
        }
        return best;
    }

    Transform const& transform_;
    std::vector<double> const& r_;
    std::vector<double> rdf_;
    std::size_t first_;
    double step_;
};

// What is read off the spectrum, with its weights: errors come for all at once.
class Quantities {
public:
    explicit Quantities(Spectrum const& spectrum) : spectrum_(spectrum) {}

    std::size_t add(double value, Weights weights) {
        values_.push_back(value);
        weights_.push_back(std::move(weights));
        return values_.size() - 1;
    }
    // How a place moves and changes its shape: many a limit is that of two shells.
    struct Motion {
        double r;
        std::size_t moves, shape;
    };
    Motion motion_of(Place const& place) {
        for (auto const& known : motions_)
            if (known.r == place.r) return known;
        return motions_.emplace_back(Motion{place.r, add(0, place.moves), add(0, place.shape)});
    }
    // Relative variances of second derivatives are quantities, too.
    std::vector<Estimate> estimates() const {
        std::vector<Estimate> out;
        for (double const value : values_) out.push_back({value, not_known, not_known});
        if (!spectrum_.config.errors || values_.empty()) return out;
        Image<double> rows(weights_.size(), spectrum_.kernel.size());
        for (std::size_t i = 0; i < weights_.size(); ++i)
            std::copy(weights_[i].begin(), weights_[i].end(), rows.pixels.begin() + static_cast<std::ptrdiff_t>(i * rows.cols));
        auto const b = sensitivities(spectrum_, rows);
        for (std::size_t i = 0; i < out.size(); ++i) {
            auto const from = b.pixels.begin() + static_cast<std::ptrdiff_t>(i * b.cols);
            auto const spread = spread_of(spectrum_.errors, {from, from + static_cast<std::ptrdiff_t>(b.cols)});
            out[i].sigma = spread.sigma;
            out[i].background_sigma = spread.background_sigma;
        }
        return out;
    }

private:
    Spectrum const& spectrum_;
    std::vector<double> values_;
    std::vector<Weights> weights_;
    std::vector<Motion> motions_;
};

// A number of neighbours: `times` the atoms between two places, and what each limit that moves does to it.
struct Count {
    struct Limit {
        double by; ///< atoms per A
        std::size_t moves, shape;
    };
    std::size_t quantity = 0;
    std::vector<Limit> limits;
};

Count count_between(Transform const& transform, Quantities& quantities, double times, Place const& low, Place const& high) {
    auto const from = transform.at(low.r), to = transform.at(high.r);
    Weights weights = times * (to.first_moment() - from.first_moment());
    Count out;
    for (auto const& [limit, there, sign] : {std::tuple{&high, &to, times}, std::tuple{&low, &from, -times}}) {
        if (limit->fixed()) continue;
        double const by = sign * there->rdf();
        weights += by * limit->moves;
        auto const motion = quantities.motion_of(*limit);
        out.limits.push_back({by, motion.moves, motion.shape});
    }
    out.quantity = quantities.add(times * (to.atoms_below() - from.atoms_below()), std::move(weights));
    return out;
}

// What the noise of a second derivative does to a limit is of second order, and has to be small against the whole.
Estimate counted(std::vector<Estimate> const& all, Count const& count) {
    Estimate out = all[count.quantity];
    double second_order = 0;
    for (auto const& limit : count.limits) second_order += std::pow(limit.by * all[limit.moves].sigma * all[limit.shape].sigma, 2);
    if (!(second_order <= expansion_holds * out.sigma * out.sigma)) out.sigma = out.background_sigma = not_known;
    return out;
}

Estimate top_place(Estimate out, double shape) {
    double const factor = shape * shape < expansion_holds ? std::sqrt(1 + 3 * shape * shape) : not_known;
    out.sigma *= factor;
    out.background_sigma *= factor;
    return out;
}

// Where the parts of a shell are among the quantities.
struct Found {
    std::size_t place, shape, height;
    Place low, high;
    std::optional<Count> c, a, b;
};

} // namespace

std::vector<Shell> find_shells(Spectrum const& spectrum, std::vector<double> const& r_A, std::vector<double> const& g, double from_A,
                               bool absolute) {
    if (r_A.size() < 2) return {};
    Transform const transform(spectrum);
    double const step = r_A[1] - r_A[0];
    auto const first = static_cast<std::size_t>(from_A / step);
    auto const tops = maxima(g, first, most_shells + 1); // one more: it ends the last
    Counter const counter(transform, spectrum, r_A, g, first);
    Quantities quantities(spectrum);
    std::vector<Found> found;
    std::optional<Place> limit;
    for (std::size_t n = 0; n < tops.size() && n < most_shells; ++n) {
        auto const top = extremum(r_A[tops[n]], step, -1, [&](double r) { return transform.at(r).g_top(); });
        auto before = std::exchange(limit, std::nullopt); // where the shell before ended
        if (!top.known()) continue;
        auto const there = transform.at(top.r);
        auto const place = with_errors(top, there.slope(), there.curvature());
        Found shell{quantities.add(top.r, place.moves),
                    quantities.add(0, place.shape),
                    quantities.add(there.value(there.g()), there.g()),
                    {},
                    {},
                    {},
                    {},
                    {}};
        if (absolute) {
            if (before)
                shell.low = std::move(*before);
            else
                shell.low = n == 0 ? counter.before_first(tops[n], from_A) : counter.between(tops[n - 1], tops[n]);
            shell.high = n + 1 < tops.size() ? counter.between(tops[n], tops[n + 1]) : counter.after_last(tops[n]);
            if (shell.low.known() && shell.high.known()) {
                shell.c = count_between(transform, quantities, 1, shell.low, shell.high);
                if (n == 0) {
                    auto const a = counter.t_top(shell.low.r, shell.high.r), b = counter.rdf_top(shell.low.r, shell.high.r);
                    if (a.known()) shell.a = count_between(transform, quantities, 2, shell.low, a);
                    if (b.known()) shell.b = count_between(transform, quantities, 2, shell.low, b);
                }
            }
        }
        if (absolute) limit = shell.high;
        found.push_back(std::move(shell));
    }
    auto const all = quantities.estimates();
    std::vector<Shell> out;
    for (auto const& shell : found) {
        Shell& one = out.emplace_back();
        one.r_A = top_place(all[shell.place], all[shell.shape].sigma);
        one.height = all[shell.height];
        one.r_low_A = shell.low.r;
        one.r_high_A = shell.high.r;
        if (shell.c) one.coordination = counted(all, *shell.c);
        if (shell.a) one.coordination_a = counted(all, *shell.a);
        if (shell.b) one.coordination_b = counted(all, *shell.b);
    }
    return out;
}

} // namespace sqd
