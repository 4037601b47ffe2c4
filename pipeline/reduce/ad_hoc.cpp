// The ad hoc route from I(q) to G(r).
#include "pipeline/reduce/ad_hoc.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/correlation.hpp"
#include "pipeline/reduce/error_propagation.hpp"
#include "pipeline/reduce/form_factors.hpp"
#include "pipeline/reduce/grid_errors.hpp"
#include "pipeline/reduce/lattice_transform.hpp"
#include "pipeline/reduce/normalization.hpp"
#include "pipeline/reduce/sine_matrix.hpp"
#include "pipeline/reduce/sine_transform.hpp"

#include <Eigen/Core>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>

namespace sqd {

namespace {

constexpr std::size_t fewest_points = 30;

struct Points {
    std::vector<double> q, y, t, unit; ///< unit: <f>^2
    CurveErrors errors;                ///< of the intensity
};

bool is_even(std::vector<double> const& q) {
    double const step = (q.back() - q.front()) / static_cast<double>(q.size() - 1);
    for (std::size_t i = 0; i < q.size(); ++i)
        if (std::abs(q[i] - q.front() - step * static_cast<double>(i)) > 1e-3 * step) return false;
    return true;
}

// The bins with a value, and where they were among all.
struct Data {
    Pattern1D pattern;
    std::vector<std::size_t> bins;
};

Data data_of(Pattern1D const& net) {
    Data out;
    Pattern1D& data = out.pattern;
    for (std::size_t i = 0; i < net.q_invA.size(); ++i) {
        if (!std::isfinite(net.intensity[i])) continue;
        out.bins.push_back(i);
        data.q_invA.push_back(net.q_invA[i]);
        data.intensity.push_back(net.intensity[i]);
        data.sigma.push_back(net.sigma.empty() ? std::nan("") : net.sigma[i]);
        if (!net.background_sigma.empty()) data.background_sigma.push_back(net.background_sigma[i]);
    }
    data.correlation = correlation_of_chosen(net.correlation, out.bins);
    return out;
}

// As PDFgetX3 does it: on the multiples of the mean step of the data up to q_max_inst, by straight lines between neighbours; none across a
// missing bin. Sigma and correlation go the same way: they stay those of one datum, of which there are as many as before.
Pattern1D on_even_steps(Pattern1D const& net, double high) {
    auto const [data, bins] = data_of(net);
    auto const inside = static_cast<std::size_t>(std::upper_bound(data.q_invA.begin(), data.q_invA.end(), high) - data.q_invA.begin());
    if (inside < fewest_points) return data;
    double const step = (data.q_invA[inside - 1] - data.q_invA.front()) / static_cast<double>(bins[inside - 1] - bins.front());
    double const end = std::min(high, data.q_invA.back());
    Pattern1D out;
    std::size_t right = 1;
    for (double n = std::ceil(data.q_invA.front() / step - 1e-9); n * step <= end; ++n) {
        double const q = n * step;
        while (right + 1 < data.q_invA.size() && data.q_invA[right] < q) ++right;
        bool const across = bins[right] != bins[right - 1] + 1;
        if (across) continue;
        double const part = (q - data.q_invA[right - 1]) / (data.q_invA[right] - data.q_invA[right - 1]);
        auto const between = [right, part](std::vector<double> const& v) { return (1 - part) * v[right - 1] + part * v[right]; };
        out.q_invA.push_back(q);
        out.intensity.push_back(between(data.intensity));
        out.sigma.push_back(between(data.sigma));
        if (!data.background_sigma.empty()) out.background_sigma.push_back(between(data.background_sigma));
        if (!data.correlation.empty()) out.correlation.push_back(data.correlation[right - 1]);
    }
    return out;
}

Points points_of(Pattern1D const& pattern, Composition const& composition, AdHocConfig const& config) {
    double const high = config.q_max_inst_invA > 0 ? config.q_max_inst_invA : 1e9;
    bool const even = pattern.q_invA.size() < fewest_points || is_even(pattern.q_invA);
    Pattern1D const net = even ? pattern : on_even_steps(pattern, high);
    Points out;
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < net.q_invA.size(); ++i) {
        double const q = net.q_invA[i];
        if (!(q > 0 && q >= config.q_min_invA && q <= high && std::isfinite(net.intensity[i]))) continue;
        chosen.push_back(i);
        out.q.push_back(q);
        out.y.push_back(net.intensity[i]);
    }
    if (out.q.size() < fewest_points) {
        throw DataError("no ad hoc G(r): " + std::to_string(out.q.size()) + " points with a value in its range of q (" +
                        std::to_string(fewest_points) + " are needed) widen ad_hoc.q_min_invA to q_max_inst_invA");
    }
    auto const f = form_factor_averages(composition, out.q, std::nullopt);
    out.unit = f.f_mean2;
    for (std::size_t i = 0; i < out.q.size(); ++i) {
        out.y[i] /= f.f_mean2[i];
        out.t.push_back(f.f2_mean[i] / f.f_mean2[i]);
    }
    out.errors = pattern_errors(net.sigma, net.background_sigma, net.correlation, chosen);
    return out;
}

// F_m = q (a y - t) with the errors of a.
struct Scaled {
    double scale = 0;
    std::vector<double> f;
    CurveErrors errors;
};

Scaled scaled(Points const& p) {
    double yt = 0, yy = 0;
    for (std::size_t i = 0; i < p.q.size(); ++i) {
        yt += p.y[i] * p.t[i];
        yy += p.y[i] * p.y[i];
    }
    Scaled out;
    out.scale = yt / yy;
    if (!(out.scale > 0) || !std::isfinite(out.scale))
        throw DataError(
            "no ad hoc G(r): the intensities have no positive scale (they are 0 or negative on the whole) check the background");
    out.errors = p.errors;
    SharedParameter a;
    for (std::size_t i = 0; i < p.q.size(); ++i) {
        out.f.push_back(p.q[i] * (out.scale * p.y[i] - p.t[i]));
        out.errors.direct[i] = p.q[i] * out.scale / p.unit[i];
        a.effect.push_back(p.q[i] * p.y[i]);
        a.response.push_back((p.t[i] - 2 * out.scale * p.y[i]) / yy / p.unit[i]);
    }
    out.errors.shared.push_back(std::move(a));
    return out;
}

// Orthonormal polynomials q, q^2, ... on the points, made of q times Legendre's, whose columns are never parallel.
Eigen::MatrixXd orthonormal(std::vector<double> const& q, Eigen::Index degree) {
    auto const n = static_cast<Eigen::Index>(q.size());
    Eigen::MatrixXd basis(n, degree);
    for (Eigen::Index i = 0; i < n; ++i) {
        double const at = q[static_cast<std::size_t>(i)], x = 2 * (at - q.front()) / (q.back() - q.front()) - 1;
        double before = 0, here = 1;
        for (Eigen::Index m = 0; m < degree; ++m) {
            basis(i, m) = at * here;
            double const order = static_cast<double>(m), next = ((2 * order + 1) * x * here - order * before) / (order + 1);
            before = here;
            here = next;
        }
    }
    Eigen::HouseholderQR<Eigen::MatrixXd> const qr(basis);
    return qr.householderQ() * Eigen::MatrixXd::Identity(n, degree);
}

// Takes the polynomial out of F. Each coefficient c_m = sum_i P_im F_i is a parameter that all points share: F_i -= weight_m P_im c_m.
void subtract_polynomial(Scaled& curve, std::vector<double> const& q, double degree) {
    auto const whole = static_cast<Eigen::Index>(std::floor(degree));
    auto const p = orthonormal(q, whole + 1);
    auto const n = static_cast<Eigen::Index>(q.size());
    Eigen::Map<Eigen::VectorXd> f(curve.f.data(), n);
    Eigen::VectorXd coefficient = p.transpose() * f;
    CurveErrors const before = curve.errors;
    for (Eigen::Index m = 0; m <= whole; ++m) {
        double const weight = m < whole ? 1 : degree - static_cast<double>(whole);
        if (weight == 0) continue;
        std::vector<double> const column(p.col(m).data(), p.col(m).data() + n);
        SharedParameter shared{column, sensitivity(before, column)};
        for (double& effect : shared.effect) effect *= -weight;
        curve.errors.shared.push_back(std::move(shared));
        f -= weight * coefficient[m] * p.col(m);
    }
}

void cut(std::vector<double>& v, std::size_t size) {
    if (v.size() > size) v.resize(size);
}

// Points beyond q_max still move those below it, through what all share: they stay in the errors, with no point of the curve.
struct Cut {
    std::vector<double> q, f;
};

Cut cut_to(std::vector<double> const& q, std::vector<double> const& f, double q_max_invA) {
    Cut out{q, f};
    if (!(q_max_invA > 0)) return out;
    auto const size = static_cast<std::size_t>(std::upper_bound(q.begin(), q.end(), q_max_invA) - q.begin());
    cut(out.q, size);
    cut(out.f, size);
    return out;
}

// Where neighbours err together: a sensitivity for each radius.
std::vector<double> sigma_by_rows(std::vector<double> const& q, std::vector<double> const& kernel, CurveErrors const& errors,
                                  std::vector<double> const& r_A) {
    std::vector<double> out;
    auto const sine = sines(q, r_A);
    for (Eigen::Index k = 0; k < sine.cols(); ++k) {
        std::vector<double> a(errors.direct.size(), 0.0);
        for (std::size_t i = 0; i < q.size(); ++i) a[i] = kernel[i] * sine(static_cast<Eigen::Index>(i), k);
        out.push_back(spread_of(errors, sensitivity(errors, a)).sigma);
    }
    return out;
}

PairDistribution transform(Cut const& curve, CurveErrors const& errors, AdHocConfig const& config) {
    PairDistribution gr;
    gr.q_max_invA = curve.q.back();
    gr.window = name(config.window);
    auto kernel = trapezoid_weights(curve.q);
    for (std::size_t i = 0; i < kernel.size(); ++i)
        kernel[i] = 2 / std::numbers::pi * kernel[i] * window_factor(config.window, curve.q[i], curve.q.back());
    auto const steps = static_cast<std::size_t>(std::floor(config.r_max_A / config.r_step_A + 1e-9));
    for (std::size_t k = 1; k <= steps; ++k) gr.r_A.push_back(config.r_step_A * static_cast<double>(k));
    SineTransform const sums{curve.q, kernel, config.r_step_A};
    if (!errors.correlation.empty()) {
        gr.g = sine_transform(sums, curve.f, gr.r_A);
        gr.g_sigma = sigma_by_rows(curve.q, kernel, errors, gr.r_A);
        return gr;
    }
    TransformGrid grid;
    grid.q_invA = curve.q;
    auto g = sine_transform_with_spread(sums, curve.f, grid_errors(grid, errors), errors.sigma, {}, nullptr, gr.r_A);
    gr.g = std::move(g.values);
    for (auto const& spread : g.spread) gr.g_sigma.push_back(spread.sigma);
    return gr;
}

} // namespace

AdHocCurves ad_hoc(Pattern1D const& net, Composition const& composition, AdHocConfig const& config) {
    if (composition.elements.empty())
        throw DataError("no ad hoc G(r): no composition (it divides by form factors) write sample.composition");
    auto const points = points_of(net, composition, config);
    double const degree = config.rpoly_A * (points.q.back() - points.q.front()) / std::numbers::pi;
    if (2 * (degree + 1) > static_cast<double>(points.q.size())) {
        throw DataError("no ad hoc G(r): a polynomial of degree " + std::to_string(degree) + " through " + std::to_string(points.q.size()) +
                        " points (it would take the signal, too) lower ad_hoc.rpoly_A");
    }
    auto curve = scaled(points);
    subtract_polynomial(curve, points.q, degree);
    auto const kept = cut_to(points.q, curve.f, config.q_max_invA);
    if (kept.q.size() < fewest_points)
        throw DataError("no ad hoc G(r): ad_hoc.q_max_invA lies below the data (30 points are needed) raise it");

    AdHocCurves out;
    out.scale = curve.scale;
    out.rpoly_A = config.rpoly_A;
    out.degree = degree;
    out.q_min_invA = points.q.front();
    out.q_max_inst_invA = points.q.back();
    out.gr = transform(kept, curve.errors, config);
    out.sq.q_invA = kept.q;
    out.sq.f = kept.f;
    out.sq.form = "ad_hoc";
    out.sq.normalization.q_min_invA = kept.q.front();
    out.sq.normalization.q_max_invA = kept.q.back();
    auto const spread = spread_of_points(curve.errors);
    for (std::size_t i = 0; i < kept.q.size(); ++i) {
        out.sq.s.push_back(kept.f[i] / kept.q[i] + 1);
        out.sq.s_sigma.push_back(spread[i].sigma / kept.q[i]);
    }
    return out;
}

} // namespace sqd
