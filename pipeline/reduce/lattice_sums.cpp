#include "pipeline/reduce/lattice_sums.hpp"

#include "pipeline/reduce/lane_loops.hpp"

#include <Eigen/Core>
#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace sqd {

namespace {

using std::numbers::pi;
constexpr std::size_t reach = 15, taps = 2 * reach; // points of the even grid that a Gaussian is spread over
constexpr double spread = reach / (3 * pi);         // tau in units of the grid's step squared, for twice as many points as waves

// The least even number of small factors: transforms of those lengths are fast.
std::size_t fast_length(std::size_t least) {
    for (std::size_t n = least + least % 2;; n += 2) {
        std::size_t rest = n;
        for (std::size_t const factor : {2u, 3u, 5u})
            while (rest % factor == 0) rest /= factor;
        if (rest == 1) return n;
    }
}

// About as large as the largest value: what is small must not drown in the rounding of what is transformed with it.
double power_of_two(std::vector<double> const& f) {
    double most = 0;
    for (double const x : f) most = std::max(most, std::abs(x));
    int exponent = 0;
    std::frexp(most, &exponent);
    return most > 0 && std::isfinite(most) ? std::ldexp(1, exponent) : 1;
}

} // namespace

struct LatticeSums::Roots::Fourier {
    Eigen::FFT<double> transform;
};

LatticeSums::Roots::Roots() : fourier_(std::make_unique<Fourier>()) {}
LatticeSums::Roots::~Roots() = default;
LatticeSums::Roots::Roots(Roots&&) noexcept = default;

struct LatticeSums::Plan {
    std::size_t count, length;
    std::vector<std::size_t> first; ///< of the points, on the grid with `reach` more to its left
    Eigen::ArrayXd weight;          ///< `taps` of each point
    std::vector<double> undo;       ///< per wave
    std::size_t used = 0;           ///< points of that grid that a point can reach

    using Complex = std::complex<double>;

    void transform_block(std::vector<std::vector<double>> const& functions, std::size_t begin, std::size_t end, Eigen::FFT<double>& fourier,
                         std::vector<WaveSums>& out) const {
        std::size_t const width = end - begin > lanes ? most_lanes : lanes;
        Eigen::ArrayXd values(static_cast<Eigen::Index>(first.size() * width)); // every lane is written below
        std::vector<double> grid(used * width, 0.0);
        std::vector<double> size, scale;
        for (std::size_t k = begin; k < end; ++k) {
            size.push_back(power_of_two(functions[k]));
            scale.push_back(1 / size.back());
        }
        double* to = values.data();
        for (std::size_t i = 0; i < first.size(); ++i, to += width) {
            for (std::size_t lane = 0; lane < size.size(); ++lane) to[lane] = scale[lane] * functions[begin + lane][i];
            std::fill(to + size.size(), to + width, 0.0);
        }
        spread_blocks(width, {values.data(), first.size() * width}, first, {weight.data(), first.size() * taps}, taps, grid);
        std::vector<Complex> even(length), waves;
        for (std::size_t k = begin; k < end; k += 2) { // two real functions are one complex one
            std::size_t const lane = k - begin;
            std::fill(even.begin(), even.end(), Complex{});
            for (std::size_t l = 0; l < used; ++l)
                even[l < reach ? l + length - reach : l - reach] = Complex(grid[l * width + lane], grid[l * width + lane + 1]);
            fourier.fwd(waves, even);
            out.push_back(sums(waves, true, size[lane]));
            if (k + 1 < end) out.push_back(sums(waves, false, size[lane + 1]));
        }
    }

    // Of the real function in the real part, or of that in the imaginary part.
    WaveSums sums(std::vector<Complex> const& waves, bool real, double size) const {
        WaveSums out;
        out.cosine.resize(count);
        out.sine.resize(count);
        for (std::size_t m = 0; m < count; ++m) {
            Complex const down = waves[m], up = waves[m == 0 ? 0 : length - m]; // exp(-i m q), exp(i m q)
            out.cosine[m] = size * undo[m] * (real ? down.real() + up.real() : down.imag() + up.imag()) / 2;
            out.sine[m] = size * undo[m] * (real ? up.imag() - down.imag() : down.real() - up.real()) / 2;
        }
        return out;
    }
};

LatticeSums::LatticeSums(std::span<double const> q_invA, double step_A, std::size_t count)
    : plan_(std::make_unique<Plan>(Plan{count, fast_length(4 * count), {}, {}, {}})) {
    double const grid_step = 2 * pi / static_cast<double>(plan_->length);
    std::array<double, taps> far{};
    for (std::size_t t = 0; t < taps; ++t) {
        double const from_middle = static_cast<double>(t) - (reach - 1);
        far[t] = std::exp(-from_middle * from_middle / (4 * spread));
    }
    plan_->first.resize(q_invA.size());
    plan_->weight.resize(static_cast<Eigen::Index>(q_invA.size() * taps));
    // exp(-(part - t)^2 / 4 tau) from t = 1 - reach on, by powers of exp(part / 2 tau)
    std::vector<double> part(q_invA.size()), start(q_invA.size()), ratio(q_invA.size());
    for (std::size_t i = 0; i < q_invA.size(); ++i) {
        double const at = q_invA[i] * step_A / grid_step, below = std::floor(at);
        plan_->first[i] = static_cast<std::size_t>(below) + 1;
        part[i] = at - below;
        start[i] = part[i] * (part[i] / 2 + (reach - 1));
    }
    exponentials(part, 1 / (2 * spread), ratio);
    exponentials(start, -1 / (2 * spread), start);
    for (std::size_t i = 0; i < q_invA.size(); ++i) {
        double* const weight = plan_->weight.data() + i * taps;
        double power = start[i];
        for (std::size_t t = 0; t < taps; ++t, power *= ratio[i]) weight[t] = power * far[t];
    }
    for (std::size_t const at : plan_->first) plan_->used = std::max(plan_->used, at + taps);
    for (std::size_t m = 0; m < count; ++m) {
        double const wave = static_cast<double>(m) * grid_step;
        plan_->undo.push_back(std::exp(wave * wave * spread) / std::sqrt(4 * pi * spread));
    }
}

LatticeSums::~LatticeSums() = default;
LatticeSums::LatticeSums(LatticeSums&&) noexcept = default;

std::vector<WaveSums> LatticeSums::operator()(std::vector<std::vector<double>> const& functions, Roots& roots) const {
    std::vector<WaveSums> out;
    for (std::size_t k = 0; k < functions.size(); k += most_lanes)
        plan_->transform_block(functions, k, std::min(k + most_lanes, functions.size()), roots.fourier_->transform, out);
    return out;
}

} // namespace sqd
