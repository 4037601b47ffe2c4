// What one result costs at the size of a total scattering station, 3000 q and 2000 r: the whole chain as the daemon makes it at every tick
// of the display, and its parts; and the peak of one point of a map.
#include "pipeline/core/heap.hpp"
#include "pipeline/reduce/ad_hoc.hpp"
#include "pipeline/reduce/atomic_terms.hpp"
#include "pipeline/reduce/fsdp.hpp"
#include "pipeline/reduce/g_errors.hpp"
#include "pipeline/reduce/pair_distribution.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/point_peaks.hpp"
#include "pipeline/reduce/self_scattering.hpp"
#include "pipeline/reduce/shells.hpp"
#include "pipeline/reduce/structure_factor.hpp"
#include "tests/support/ribbon.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace sqd;

constexpr unsigned seed = 20261129;

/// The recipe of config/id15a.yaml, its range made 3000 points.
ReductionConfig station() {
    ReductionConfig c;
    c.energy_keV = 68.5;
    c.distance_m = 0.145;
    c.threshold_keV = 20;
    c.sensor = Sensor{"CdTe", 1000};
    c.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    c.sample.density_g_cm3 = 6.0;
    c.sample.thickness_um = 30;
    c.sample.thickness_sigma_um = 2;
    c.structure_factor = StructureFactorConfig{};
    c.structure_factor->q_min_invA = 0.5;
    c.structure_factor->q_max_invA = 30.5;
    c.fsdp = FsdpConfig{false, 2.2, 3.1, PeakEstimator::split_pseudo_voigt};
    c.pair_distribution = PairDistributionConfig{30.5, Window::lorch, 20, 0.01, 2.2, 3};
    c.ad_hoc = AdHocConfig{0.9, 0.5, 30.5, 0, 20, 0.01, Window::none};
    return c;
}

/// Counts of the virtual glass and of the air beside it.
struct Scene {
    ReductionConfig config = station();
    Pattern1D sample, background;

    Scene() {
        constexpr double counts_per_electron_unit = 50;
        std::mt19937_64 random(seed);
        test::RibbonCounts const counts(config, counts_per_electron_unit, 1, test::bin_centres(0.5, 30.5, 3000));
        sample = test::counted(counts.q, counts.glass, test::PoissonDraw{random});
        background = test::counted(counts.q, counts.air, test::PoissonDraw{random});
        config.atoms = std::make_shared<AtomicTerms const>(atomic_terms(counts.q, config)); // from the first partial on
    }
    ReducedCurves reduce() const { return reduce_pattern(sample, &background, true, config); }
    Pattern1D net() const { return *reduce().net; }
    StructureFactor sq() const { return *reduce().sq; }
};

Scene const& scene() {
    static Scene const made;
    return made;
}

using benchmark::State;

void whole_chain(State& state) {
    auto const& at = scene();
    for (auto _ : state) benchmark::DoNotOptimize(at.reduce());
}
BENCHMARK(whole_chain)->Unit(benchmark::kMillisecond);

void whole_chain_without_ad_hoc(State& state) {
    auto at = scene();
    at.config.ad_hoc.reset();
    for (auto _ : state) benchmark::DoNotOptimize(at.reduce());
}
BENCHMARK(whole_chain_without_ad_hoc)->Unit(benchmark::kMillisecond);

/// What a final has besides: every assumption moved both ways.
void systematic_terms_of_a_final(State& state) {
    auto at = scene();
    at.config.uncertainty.systematics = true;
    at.config.ad_hoc.reset();
    for (auto _ : state) benchmark::DoNotOptimize(at.reduce());
}
BENCHMARK(systematic_terms_of_a_final)->Unit(benchmark::kMillisecond);

void self_terms(State& state) {
    auto const& at = scene();
    for (auto _ : state) benchmark::DoNotOptimize(self_scattering(at.sample.q_invA, {}, at.config));
}
BENCHMARK(self_terms)->Unit(benchmark::kMillisecond);

void atoms_of_first_partial(State& state) {
    auto const& at = scene();
    for (auto _ : state) benchmark::DoNotOptimize(atomic_terms(at.sample.q_invA, at.config));
}
BENCHMARK(atoms_of_first_partial)->Unit(benchmark::kMillisecond);

void structure_factor_with_errors(State& state) {
    auto const net = scene().net();
    for (auto _ : state) {
        std::vector<std::string> flags;
        benchmark::DoNotOptimize(structure_factor(net, scene().config, flags));
    }
}
BENCHMARK(structure_factor_with_errors)->Unit(benchmark::kMillisecond);

void first_sharp_peak(State& state) {
    auto const sq = scene().sq();
    for (auto _ : state) benchmark::DoNotOptimize(fit_fsdp({sq.q_invA, sq.s, sq.errors, "sq"}, scene().config));
}
BENCHMARK(first_sharp_peak)->Unit(benchmark::kMillisecond);

/// `iterations` = -1: a top hat.
PairDistributionConfig recipe(int iterations, bool errors) {
    auto config = *scene().config.pair_distribution;
    config.iterations = iterations < 0 ? 1 : iterations;
    config.errors = errors;
    if (iterations >= 0) return config;
    config.low_r_method = LowRMethod::top_hat;
    config.top_hat_invA = 1.5;
    return config;
}

void pair_distribution_whole(State& state) {
    auto const sq = scene().sq();
    auto const config = recipe(static_cast<int>(state.range(0)), state.range(1) != 0);
    for (auto _ : state) benchmark::DoNotOptimize(pair_distribution(sq, config));
}
BENCHMARK(pair_distribution_whole)->ArgNames({"cleaning", "errors"})->ArgsProduct({{0, 3, -1}, {0, 1}})->Unit(benchmark::kMillisecond);

void low_r_cleaning(State& state) {
    auto const sq = scene().sq();
    auto const config = recipe(static_cast<int>(state.range(0)), false);
    for (auto _ : state) benchmark::DoNotOptimize(spectrum(sq, config));
}
BENCHMARK(low_r_cleaning)->ArgName("cleaning")->Arg(0)->Arg(3)->Arg(-1)->Unit(benchmark::kMillisecond);

void errors_of_g(State& state) {
    auto const made_of = spectrum(scene().sq(), recipe(static_cast<int>(state.range(0)), true));
    std::vector<double> r;
    for (int i = 1; i <= 2000; ++i) r.push_back(0.01 * i);
    for (auto _ : state) benchmark::DoNotOptimize(spread_of_g(made_of, r));
}
BENCHMARK(errors_of_g)->ArgName("cleaning")->Arg(0)->Arg(3)->Arg(-1)->Unit(benchmark::kMillisecond);

void shells(State& state) {
    auto const sq = scene().sq();
    auto const gr = pair_distribution(sq, recipe(3, false));
    auto const made_of = spectrum(sq, recipe(3, state.range(0) != 0));
    for (auto _ : state) benchmark::DoNotOptimize(find_shells(made_of, gr.r_A, gr.g, 2.2, true));
}
BENCHMARK(shells)->ArgName("errors")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void ad_hoc_route(State& state) {
    auto const net = scene().net();
    for (auto _ : state) benchmark::DoNotOptimize(ad_hoc(net, scene().config.sample.composition, *scene().config.ad_hoc));
}
BENCHMARK(ad_hoc_route)->Unit(benchmark::kMillisecond);

/// 1800 points of the 13 keV station, `counts` in a bin of the peak on average; the time is that of one.
void peak_of_a_point(State& state) {
    constexpr std::size_t points = 1800, bins = 2133; // 0.003 1/A per bin
    auto const config = test::ribbon_station();
    double const mean = static_cast<double>(state.range(0));
    std::mt19937_64 random(seed);
    auto const q = test::bin_centres(0.5, 6.9, bins);
    auto const s = test::VirtualGlass{}.s(q);
    auto const self = self_scattering(q, {}, config);
    std::vector<double> glass;
    for (std::size_t i = 0; i < bins; ++i)
        glass.push_back(self.absorption[i] * (self.f2_mean[i] + self.compton[i] + self.f_mean2[i] * (s[i] - 1)));
    double const most = *std::max_element(glass.begin(), glass.end());
    BinMap map;
    map.q_invA = q;
    map.bin_norm.assign(bins, 1);
    std::vector<double> total(bins);
    FrameList frames;
    for (std::size_t p = 0; p < points; ++p) {
        auto frame = std::make_shared<FrameCounts>();
        frame->number = p;
        for (std::size_t b = 0; b < bins; ++b) {
            frame->counts.push_back(static_cast<std::uint32_t>(std::poisson_distribution<long>(mean * glass[b] / most)(random)));
            total[b] += frame->counts.back();
        }
        frames.push_back(std::move(frame));
    }
    Pattern1D pattern = test::counted(q, total, test::exactly);
    for (auto* v : {&pattern.intensity, &pattern.sigma})
        for (double& each : *v) each /= static_cast<double>(points);
    auto const curves = reduce_pattern(pattern, nullptr, false, config);
    std::size_t fitted = 0;
    for (auto _ : state) {
        auto const peaks = point_peaks(map, frames, curves, config);
        fitted = static_cast<std::size_t>(
            std::count_if(peaks.begin(), peaks.end(), [](auto const& each) { return std::isfinite(each.second.q1); }));
    }
    state.counters["fitted"] = static_cast<double>(fitted);
    state.counters["per_point"] =
        benchmark::Counter(static_cast<double>(points), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(peak_of_a_point)->ArgName("counts")->Arg(10)->Arg(300)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
    sqd::keep_freed_memory(); // as the program does
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
