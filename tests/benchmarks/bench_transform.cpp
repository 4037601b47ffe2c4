// How long G(r) takes at the size of a total scattering station: values, errors, cleaning; and whether a stored matrix of sines would help.
#include "pipeline/reduce/g_errors.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/sine_matrix.hpp"
#include "tests/support/virtual_glass.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace {

using namespace sqd;

/// The best of five.
double milliseconds(auto const& action) {
    double best = 1e9;
    for (int repeat = 0; repeat < 5; ++repeat) {
        auto const start = std::chrono::steady_clock::now();
        action();
        best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

/// 2750 points to 28 1/A with a shared scale and a background.
StructureFactor station() {
    test::VirtualGlass const glass;
    StructureFactor sq;
    sq.q_invA = test::bin_centres(0.5, 28, 2750);
    sq.s = glass.s(sq.q_invA);
    std::size_t const n = sq.q_invA.size();
    sq.s_sigma.assign(n, 0.005);
    sq.normalization.density_A3 = glass.density_A3;
    sq.errors.sigma = sq.s_sigma;
    sq.errors.background_sigma.assign(n, 0.002);
    sq.errors.direct.assign(n, 1.0);
    sq.errors.shared.push_back({sq.s, std::vector<double>(n, 1e-4)});
    return sq;
}

} // namespace

int main() {
    auto const sq = station();
    auto const time = [&](char const* what, LowRMethod method, int iterations, bool errors) {
        PairDistributionConfig const config{28, Window::lorch, 20, 0.01, 2.0, iterations, method, 1.5, errors};
        std::printf("%-44s %7.1f ms\n", what, milliseconds([&] { (void)pair_distribution(sq, config); }));
    };
    time("2750 q x 2000 r, values", LowRMethod::eggert, 0, false);
    time("  with errors", LowRMethod::eggert, 0, true);
    time("  values, three steps of cleaning", LowRMethod::eggert, 3, false);
    time("  with errors, three steps of cleaning", LowRMethod::eggert, 3, true);
    time("  values, top hat", LowRMethod::top_hat, 1, false);
    time("  with errors, top hat", LowRMethod::top_hat, 1, true);

    std::vector<double> r;
    for (int i = 1; i <= 2000; ++i) r.push_back(0.01 * i);
    Eigen::MatrixXd matrix;
    std::printf("matrix of sines (44 MB), making it           %7.1f ms\n", milliseconds([&] { matrix = sines(sq.q_invA, r); }));
    Eigen::VectorXd const excess = Eigen::Map<Eigen::VectorXd const>(sq.s.data(), matrix.rows());
    Eigen::VectorXd g;
    std::printf("  one transform by it                        %7.1f ms\n", milliseconds([&] { g = matrix.transpose() * excess; }));
    double sum = 0;
    std::printf("  one transform by rotation                  %7.1f ms\n", milliseconds([&] {
                    RotatingSines rotating(sq.q_invA, 0.01);
                    for (int i = 0; i < 2000; ++i)
                        sum += Eigen::Map<Eigen::VectorXd const>(rotating.advance().data(), excess.size()).dot(excess);
                }));
    return sum == g.sum() ? 1 : 0;
}
