// How long what walks all pixels of a detector takes beside the hot path: start-up, splitting, outliers, caking, findings. Rows end in the
// number of threads. Not part of ctest.
#include "daemon/journal/series_codec.hpp"
#include "pipeline/reduce/cake.hpp"
#include "pipeline/reduce/hot_pixels.hpp"
#include "pipeline/reduce/scan_findings.hpp"
#include "pipeline/stream/running_series.hpp"
#include "pipeline/stream/worker_pool.hpp"
#include "tests/support/memory_frame.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace sqd;

constexpr double energy_keV = 13;
constexpr std::size_t gap_rows = 37, gap_cols = 10; ///< between the modules of 512 x 1030 pixels of an Eiger

struct Detector {
    char const* name;
    Geometry geometry;
};

/// At id13: 81.6 mm, 13 keV, the beam near the middle of the lower edge.
Detector const detectors[] = {
    {"eiger4m", {0.0816, 0.0045, 0.0776, 0, 0, 0, 75e-6, 75e-6, 2167, 2070, 0.9537}},
    {"eiger2_9m", {0.16, 0.0045, 0.1162, 0, 0, 0, 75e-6, 75e-6, 3262, 3108, 0.9537}},
};

Mask gaps(Geometry const& g) {
    Mask out(g.rows, g.cols);
    for (std::size_t row = 0; row < g.rows; ++row) {
        for (std::size_t col = 0; col < g.cols; ++col) out(row, col) = row % (514 + gap_rows) >= 514 || col % (1030 + gap_cols) >= 1030;
    }
    return out;
}

IntegrationConfig config_of(Split split = Split::none) {
    IntegrationConfig config;
    config.npt = 2300;
    config.radial_range = std::pair{0.1, 7.0};
    config.polarization_factor = 0.97;
    config.split = split;
    return config;
}

IntegrationConfig clipped(ErrorModel model, Outliers::Method method) {
    auto config = config_of();
    config.error_model = model;
    config.outliers.method = method;
    return config;
}

IntegrationConfig unweighted() {
    auto config = config_of();
    config.average = Average::unweighted;
    return config;
}

IntegrationConfig caked(Split split) {
    auto config = config_of(split);
    config.cake.emplace();
    return config;
}

std::shared_ptr<BinMap const> map_of(Detector const& detector, IntegrationConfig const& config, ParallelFor const& loop) {
    return std::make_shared<BinMap const>(
        build_bin_map(detector.geometry, gaps(detector.geometry), config, Sensor{"Si", 450}, energy_keV, loop));
}

/// 1800 images of a glass at 1.4 counts per pixel, 20 hot pixels.
PixelSum glass(BinMap const& bins) {
    std::mt19937 random(13);
    std::normal_distribution<double> noise;
    PixelSum out{LargeArray<double>(bins.pixels()), LargeArray<std::uint32_t>(bins.pixels()), 1800, 36, 36};
    for (std::size_t i = 0; i < bins.pixels(); ++i) {
        if (bins.bin[i] >= bins.axis.size()) continue;
        double const q = bins.q_invA[bins.bin[i]], rate = 1500 + 2500 * std::exp(-std::pow((q - 2.6) / 0.25, 2));
        double const mean = rate * static_cast<double>(bins.norm[i]);
        out.counts[i] = std::max(0.0, std::round(mean + std::sqrt(mean) * noise(random))); // Poisson's at such counts
    }
    for (std::size_t n = 1; n <= 20; ++n) out.counts[n * bins.pixels() / 21] *= 3;
    return out;
}

/// A pool of the row's number of threads.
WorkerPool& pool(benchmark::State const& state) {
    static WorkerPool one(1), all(std::max(1U, std::thread::hardware_concurrency()));
    return state.range(0) == 1 ? one : all;
}

template <class Body>
void row(std::string const& name, Body const& body) {
    auto* const bench = benchmark::RegisterBenchmark(name.c_str(), [body](benchmark::State& state) { body(state); });
    bench->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();
    if (std::thread::hardware_concurrency() > 1) bench->Arg(std::thread::hardware_concurrency());
}

void start_up(Detector const& detector) {
    auto const bin_map = [&](char const* name, IntegrationConfig const& config) {
        row(std::string(detector.name) + "/bin_map_" + name, [&detector, config](benchmark::State& state) {
            Mask const mask = gaps(detector.geometry);
            auto const loop = pool(state).parallel_for();
            for (auto _ : state)
                benchmark::DoNotOptimize(build_bin_map(detector.geometry, mask, config, Sensor{"Si", 450}, energy_keV, loop));
        });
    };
    bin_map("q", config_of());
    auto angle = config_of();
    angle.unit = RadialUnit::two_theta_deg;
    angle.radial_range = std::pair{1.0, 60.0};
    bin_map("2theta", angle);
    bin_map("bbox", config_of(Split::bbox));
    bin_map("full", config_of(Split::full));
    bin_map("cake", caked(Split::none));
    bin_map("cake_bbox", caked(Split::bbox));
    bin_map("cake_full", caked(Split::full));
    for (Split const split : {Split::none, Split::bbox, Split::full}) {
        char const* const names[] = {"none", "bbox", "full"};
        row(std::string(detector.name) + "/share_pixels_" + names[static_cast<int>(split)], [&detector, split](benchmark::State& state) {
            Mask const mask = gaps(detector.geometry);
            auto const loop = pool(state).parallel_for();
            for (auto _ : state) benchmark::DoNotOptimize(share_pixels(detector.geometry, mask, config_of(split), loop));
        });
    }
}

void display(Detector const& detector) {
    auto const rings = [&](char const* name, IntegrationConfig const& config) {
        row(std::string(detector.name) + "/rings_" + name, [&detector, config](benchmark::State& state) {
            auto const loop = pool(state).parallel_for();
            auto const bins = map_of(detector, config, loop);
            auto const sum = glass(*bins);
            for (auto _ : state) benchmark::DoNotOptimize(integrate_rings(*bins->rings, sum, {}, loop));
        });
    };
    rings("bbox", config_of(Split::bbox));
    rings("full", config_of(Split::full));
    rings("unweighted", unweighted());
    rings("azimuthal", clipped(ErrorModel::azimuthal, Outliers::Method::none));
    rings("sigma_clip", clipped(ErrorModel::hybrid, Outliers::Method::sigma_clip));
    auto split_and_clipped = clipped(ErrorModel::hybrid, Outliers::Method::sigma_clip);
    split_and_clipped.split = Split::bbox;
    rings("bbox_sigma_clip", split_and_clipped);
    rings("median", clipped(ErrorModel::poisson, Outliers::Method::quantile));
    auto const cake = [&](char const* name, Split split) {
        row(std::string(detector.name) + "/cake_" + name, [&detector, split](benchmark::State& state) {
            auto const loop = pool(state).parallel_for();
            auto const bins = map_of(detector, caked(split), loop);
            auto const sum = glass(*bins);
            for (auto _ : state) benchmark::DoNotOptimize(integrate_cake(*bins, sum, {}, loop));
        });
    };
    cake("none", Split::none);
    cake("bbox", Split::bbox);
    cake("full", Split::full);
}

void findings(Detector const& detector) {
    row(std::string(detector.name) + "/find_hot_pixels", [&detector](benchmark::State& state) {
        auto const loop = pool(state).parallel_for();
        auto const bins = map_of(detector, config_of(), loop);
        auto const sum = glass(*bins);
        for (auto _ : state) benchmark::DoNotOptimize(find_hot_pixels(sum.counts, *bins, ring_pixels(*bins, loop), {}, loop));
    });
    row(std::string(detector.name) + "/ring_statistics", [&detector](benchmark::State& state) {
        auto const loop = pool(state).parallel_for();
        auto const bins = map_of(detector, config_of(), loop);
        auto const sum = glass(*bins);
        for (auto _ : state) benchmark::DoNotOptimize(ring_statistics(*bins, sum, ring_pixels(*bins, loop), {}, loop));
    });
    row(std::string(detector.name) + "/watch_bragg_lines", [&detector](benchmark::State& state) {
        auto const loop = pool(state).parallel_for();
        auto const bins = map_of(detector, config_of(), loop);
        auto const statistics = ring_statistics(*bins, glass(*bins), ring_pixels(*bins, loop), {}, loop);
        for (auto _ : state) benchmark::DoNotOptimize(watch_bragg_lines(statistics, {}, loop));
    });
    row(std::string(detector.name) + "/findings_of_a_final", [&detector](benchmark::State& state) {
        auto const loop = pool(state).parallel_for();
        auto const bins = map_of(detector, config_of(), loop);
        auto const sum = glass(*bins);
        for (auto _ : state) benchmark::DoNotOptimize(find_in_images(*bins, sum, {}, loop));
    });
    row(std::string(detector.name) + "/check_calibration", [&detector](benchmark::State& state) {
        auto const loop = pool(state).parallel_for();
        auto const bins = map_of(detector, config_of(), loop);
        auto const crystal = calibrant("CeO2");
        PixelSum sum = glass(*bins);
        for (auto const& line : calibrant_lines(crystal, 7)) {
            for (std::size_t i = 0; i < bins->pixels(); ++i) {
                if (bins->bin[i] >= bins->axis.size()) continue;
                double const apart = (bins->q_invA[bins->bin[i]] - line.q_invA) / 0.008;
                sum.counts[i] += std::round(50 * line.intensity * std::exp(-0.5 * apart * apart));
            }
        }
        for (auto _ : state) benchmark::DoNotOptimize(check_calibration(*bins, sum, crystal, loop));
    });
}

/// What partials and finals cost the processing thread: a job, with the sum of the images copied into used and into new memory.
void jobs(Detector const& detector) {
    for (bool const used_memory : {true, false}) {
        row(std::string(detector.name) + (used_memory ? "/job_of_a_partial" : "/job_of_a_final"),
            [&detector, used_memory](benchmark::State& state) {
                auto const loop = pool(state).parallel_for();
                ProcessorConfig const config;
                RunningSeries series(SeriesStart{}, config, false);
                auto& accumulator = series.accumulator.emplace(map_of(detector, config_of(Split::bbox), loop));
                Image<std::uint32_t> image(detector.geometry.rows, detector.geometry.cols, 2);
                image.pixels[5000] = 0xffffffff;
                std::vector<Frame> const frames{test::memory_frame(image, 0, std::make_shared<test::MemoryTiles>(image, Lane::u8))};
                series.counts.push_back(accumulator.add(frames, loop).front().counts);
                auto sum = std::make_shared<PixelSum>();
                for (auto _ : state) {
                    if (!used_memory) sum = std::make_shared<PixelSum>();
                    benchmark::DoNotOptimize(series.job(ResultState::partial, config, sum, loop));
                }
            });
    }
}

/// What a checkpoint of a scan of 1800 points costs the processing thread, and the thread that writes it but for its disk; with counts that
/// need 32 bits.
void checkpoints(Detector const& detector) {
    auto const with_series = [&detector](benchmark::State& state, auto const& timed) {
        auto const loop = pool(state).parallel_for();
        RunningSeries series(SeriesStart{}, ProcessorConfig{}, false);
        auto& accumulator = series.accumulator.emplace(map_of(detector, config_of(), loop));
        Image<std::uint32_t> image(detector.geometry.rows, detector.geometry.cols, 100000);
        image.pixels[5000] = 0xffffffff;
        std::vector<Frame> const frames{test::memory_frame(image, 0, std::make_shared<test::MemoryTiles>(image, Lane::u8))};
        auto const counts = accumulator.add(frames, loop).front().counts;
        for (std::uint64_t n = 0; n < 1800; ++n) {
            series.counts.push_back(std::make_shared<FrameCounts const>(*counts));
            series.ledger.enter(n);
            series.ledger.accepted();
        }
        timed(series, loop);
    };
    row(std::string(detector.name) + "/state_of_a_series", [with_series](benchmark::State& state) {
        with_series(state, [&state](RunningSeries const& series, ParallelFor const& loop) {
            auto const sums = std::make_shared<FrameSums>();
            for (auto _ : state) benchmark::DoNotOptimize(series.state(sums, loop));
        });
    });
    row(std::string(detector.name) + "/bytes_of_a_checkpoint", [with_series](benchmark::State& state) {
        with_series(state, [&state](RunningSeries const& series, ParallelFor const& loop) {
            auto const value = series.state(std::make_shared<FrameSums>(), loop);
            std::size_t size = 0;
            for (auto _ : state) size = state_bytes(value, {}).size();
            state.counters["MB"] = static_cast<double>(size) * 1e-6;
        });
    });
}

} // namespace

int main(int argc, char** argv) {
    for (auto const& detector : detectors) {
        start_up(detector);
        display(detector);
        findings(detector);
        jobs(detector);
        checkpoints(detector);
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
