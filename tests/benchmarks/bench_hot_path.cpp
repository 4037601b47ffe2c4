// The hot path on this machine: LZ4 alone, decoding alone, decoding with sums and per-frame counts; by brightness, encoding, batch,
// workers, pixels and bins. Names are what/encoding/brightness/workers[/...]. `--write-frames DIR` writes the frames for peers instead.
#include "config/poni.hpp"
#include "detectors/codec/block_framing.hpp"
#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/reduce/frame_accumulator.hpp"
#include "pipeline/stream/worker_pool.hpp"
#include "tests/benchmarks/station_frames.hpp"
#include "tests/support/shared_data.hpp"

#include <benchmark/benchmark.h>
#include <lz4.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace sqd;
using namespace sqd::bench;
using benchmark::Counter;
using benchmark::State;

constexpr std::size_t distinct_frames = 32, usual_bins = 2000;
constexpr std::size_t copied_bytes = std::size_t{64} << 20;

std::size_t all_cores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

/// One worker is the calling thread.
class Workers {
public:
    explicit Workers(std::size_t count) {
        if (count > 1) pool_.emplace(count);
    }
    ParallelFor loop() { return pool_ ? pool_->parallel_for() : serial_for(); }

private:
    std::optional<WorkerPool> pool_;
};

BenchStation const& station() {
    static BenchStation const eiger = eiger4m();
    return eiger;
}

/// The frames of one row; kept until another row asks for others, which spares making them for each.
PackedFrames const& frames_of(Level const& level, Encoding const& encoding) {
    static std::string made;
    static PackedFrames frames;
    auto const wanted = std::string(level.name) + encoding.name;
    if (made == wanted) return frames;
    frames = {};
    Workers workers(all_cores());
    frames = pack_frames(station(), level, encoding, distinct_frames, workers.loop());
    made = wanted;
    return frames;
}

std::shared_ptr<BinMap const> usual_bin_map() {
    static auto const bins = bins_of(station(), usual_bins, serial_for());
    return bins;
}

/// An iteration went once through all frames.
void count(State& state, PackedFrames const& frames) {
    auto const rate = [](double per_iteration) { return Counter(per_iteration, Counter::kIsIterationInvariantRate); };
    state.counters["frames_per_s"] = rate(static_cast<double>(frames.payloads.size()));
    state.counters["pixel_bytes_per_s"] = rate(static_cast<double>(frames.pixel_bytes()));
    state.counters["packed_bytes_per_s"] = rate(static_cast<double>(frames.packed_bytes()));
}

/// LZ4's own speed on these blocks: what no decoder of this format can be faster than.
void lz4_alone(State& state, PackedFrames const& frames, std::size_t workers) {
    Workers pool(workers);
    auto const loop = pool.loop();
    for (auto _ : state) {
        loop(frames.payloads.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
            std::array<char, 8192> block;
            for (std::size_t i = begin; i < end; ++i) {
                BlockWalk walk(*frames.payloads[i], frames.pixel_bytes() / frames.payloads.size(), frames.encoding->bits);
                for (std::size_t b = 0; b < walk.layout().blocks(); ++b) {
                    auto const packed = walk.next();
                    auto const size = LZ4_decompress_safe(reinterpret_cast<char const*>(packed.data()), block.data(),
                                                          static_cast<int>(packed.size()), static_cast<int>(block.size()));
                    if (size <= 0) throw std::runtime_error("LZ4 refuses a block");
                    benchmark::DoNotOptimize(block);
                }
            }
        });
    }
    count(state, frames);
}

/// Every tile of every frame, and nothing done with it.
void decode(State& state, PackedFrames const& frames, std::size_t workers, CpuTier tier = best_cpu_tier()) {
    Workers pool(workers);
    auto const loop = pool.loop();
    auto const tiles = tile_count(frames.geometry.rows * frames.geometry.cols);
    for (auto _ : state) {
        loop(frames.payloads.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
            Tile tile;
            PixelScratch scratch;
            for (std::size_t i = begin; i < end; ++i) {
                auto const frame = frames.frame(i, tier);
                frame.tiles->prepare(scratch);
                for (std::size_t t = 0; t < tiles; ++t) {
                    frame.tiles->read(t, tile);
                    benchmark::DoNotOptimize(tile);
                }
            }
        });
    }
    count(state, frames);
}

/// The whole hot path: decoding, pixel sum, invalid pixels, counts of every frame in every bin.
void add(State& state, PackedFrames const& frames, std::shared_ptr<BinMap const> const& bins, std::size_t batch, std::size_t workers,
         CpuTier tier = best_cpu_tier()) {
    Workers pool(workers);
    auto const loop = pool.loop();
    FrameAccumulator accumulator(bins, 0.01, tier);
    for (auto _ : state) {
        for (std::size_t begin = 0; begin < frames.payloads.size(); begin += batch) {
            std::vector<Frame> some;
            for (std::size_t i = begin; i < std::min(begin + batch, frames.payloads.size()); ++i) some.push_back(frames.frame(i, tier));
            for (auto const& outcome : accumulator.add(some, loop))
                if (!outcome.counts) throw std::runtime_error("a frame was rejected: " + outcome.detail);
        }
    }
    count(state, frames);
}

void copy_memory(State& state, std::size_t workers) {
    Workers pool(workers);
    auto const loop = pool.loop();
    std::vector<std::byte> from(copied_bytes, std::byte{1}), to(copied_bytes);
    for (auto _ : state) {
        loop(copied_bytes / 4096, [&](std::size_t begin, std::size_t end, std::size_t) {
            std::memcpy(to.data() + begin * 4096, from.data() + begin * 4096, (end - begin) * 4096);
        });
        benchmark::ClobberMemory();
    }
    state.counters["copied_bytes_per_s"] = Counter(static_cast<double>(copied_bytes), Counter::kIsIterationInvariantRate);
}

void build_bins(State& state, std::size_t workers) {
    Workers pool(workers);
    for (auto _ : state) benchmark::DoNotOptimize(bins_of(station(), usual_bins, pool.loop()));
}

// What is registered below keeps no frames: each row fetches its own when it runs.

template <class Run>
void row(std::string const& name, Run run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

std::string cores(std::size_t workers) {
    return std::to_string(workers) + "w";
}

std::vector<std::size_t> one_and_all() {
    if (all_cores() == 1) return {1};
    return {1, all_cores()};
}

void register_levels() {
    for (auto const& level : levels) {
        auto const name = "/" + std::string(usual_encoding.name) + "/" + level.name + "/";
        for (auto const workers : one_and_all()) {
            row("lz4" + name + cores(workers), [&level, workers](State& s) { lz4_alone(s, frames_of(level, usual_encoding), workers); });
            row("decode" + name + cores(workers), [&level, workers](State& s) { decode(s, frames_of(level, usual_encoding), workers); });
            row("add" + name + cores(workers),
                [&level, workers](State& s) { add(s, frames_of(level, usual_encoding), usual_bin_map(), batch_frames, workers); });
        }
    }
    auto const& level = levels[usual_level];
    for (std::size_t const batch : {1U, 4U, 16U})
        row("batch/bs32/1.4/1w/" + std::to_string(batch),
            [&level, batch](State& s) { add(s, frames_of(level, usual_encoding), usual_bin_map(), batch, 1); });
    for (std::size_t workers = 1; workers <= 2 * all_cores(); workers *= 2)
        row("growth_workers/bs32/1.4/" + cores(workers),
            [&level, workers](State& s) { add(s, frames_of(level, usual_encoding), usual_bin_map(), batch_frames, workers); });
    for (std::size_t const npt : {100U, 500U, 1000U, 2000U, 4000U, 10'000U, 30'000U, 60'000U})
        row("growth_bins/bs32/1.4/1w/" + std::to_string(npt),
            [&level, npt](State& s) { add(s, frames_of(level, usual_encoding), bins_of(station(), npt, serial_for()), batch_frames, 1); });
}

void register_tiers() {
    for (auto const tier : all_cpu_tiers) {
        if (tier > best_cpu_tier()) break;
        for (auto const* const level : {&levels[usual_level], &levels[usual_level + 1], &levels[std::size(levels) - 1]}) {
            auto const name = "/" + std::string(usual_encoding.name) + "/" + level->name + "/1w/" + std::string(sqd::name(tier));
            row("tier_decode" + name, [level, tier](State& s) { decode(s, frames_of(*level, usual_encoding), 1, tier); });
            row("tier_add" + name,
                [level, tier](State& s) { add(s, frames_of(*level, usual_encoding), usual_bin_map(), batch_frames, 1, tier); });
        }
    }
}

void register_encodings() {
    auto const& level = levels[usual_level];
    for (auto const& encoding : encodings) {
        if (&encoding == &usual_encoding) continue;
        auto const name = "/" + std::string(encoding.name) + "/1.4/";
        row("decode" + name + cores(1), [&](State& s) { decode(s, frames_of(level, encoding), 1); });
        for (auto const workers : one_and_all())
            row("add" + name + cores(workers),
                [&, workers](State& s) { add(s, frames_of(level, encoding), usual_bin_map(), batch_frames, workers); });
    }
}

void register_pixels() {
    for (double const megapixels : {0.25, 1.0, 4.0, 16.0})
        row("growth_pixels/bs32/1.4/1w/" + std::to_string(megapixels).substr(0, 4), [megapixels](State& s) {
            auto const square = square_detector(megapixels);
            Workers workers(all_cores());
            auto const frames = pack_frames(square, levels[usual_level], usual_encoding, batch_frames, workers.loop());
            add(s, frames, bins_of(square, usual_bins, workers.loop()), batch_frames, 1);
        });
}

simulated::Part read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return simulated::part_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// Two frames of a real Eiger2 9M at 0.014 counts per pixel, again and again.
struct RealFrames {
    PackedFrames frames;
    std::shared_ptr<BinMap const> bins;
};

std::optional<RealFrames> real_frames() {
    auto const folder = test::shared_data("integration/bioxtas_eiger2_9m");
    if (!folder) return std::nullopt;
    auto const text = read_file(*folder / "eiger9m_from_settings.poni");
    auto const poni = parse_poni({reinterpret_cast<char const*>(text.data()), text.size()}, "eiger9m_from_settings.poni");
    auto const& model = *find_detector("Eiger2_9M");
    BenchStation real;
    real.geometry = {poni.distance_m,
                     poni.poni1_m,
                     poni.poni2_m,
                     0,
                     0,
                     0,
                     model.pixel_m,
                     model.pixel_m,
                     model.rows,
                     model.cols,
                     poni.wavelength_m.value() * 1e10};
    RealFrames out{{real.geometry, &usual_encoding, {}}, nullptr};
    for (auto const* const name : {"frame0.bslz4", "frame1.bslz4"})
        out.frames.payloads.push_back(std::make_shared<simulated::Part const>(read_file(*folder / name)));
    for (std::size_t i = 2; i < batch_frames; ++i) out.frames.payloads.push_back(out.frames.payloads[i % 2]);

    real.mask = Mask(model.rows, model.cols);
    auto const first = out.frames.frame(0);
    PixelScratch scratch;
    first.tiles->prepare(scratch);
    Tile tile;
    for (std::size_t i = 0; i < real.mask.size(); ++i) {
        if (i % tile_pixels == 0) first.tiles->read(i / tile_pixels, tile);
        real.mask.pixels[i] = tile.invalid[i % tile_pixels / 64] >> (i % 64) & 1;
    }
    IntegrationConfig config;
    config.npt = usual_bins;
    config.unit = RadialUnit::q_invA;
    out.bins = std::make_shared<BinMap const>(build_bin_map(real.geometry, real.mask, config, std::nullopt, 12, serial_for()));
    return out;
}

void register_real() {
    auto const real = real_frames();
    if (!real) {
        std::fprintf(stderr, "SKIPPED: the recorded frames of an Eiger2 9M are not there (set SQD_TEST_DATA to their folder)\n");
        return;
    }
    for (auto const workers : one_and_all()) {
        row("lz4/eiger2_9m/" + cores(workers), [real, workers](State& s) { lz4_alone(s, real->frames, workers); });
        row("decode/eiger2_9m/" + cores(workers), [real, workers](State& s) { decode(s, real->frames, workers); });
        row("add/eiger2_9m/" + cores(workers), [real, workers](State& s) { add(s, real->frames, real->bins, batch_frames, workers); });
    }
}

void write_bytes(std::filesystem::path const& path, std::span<std::byte const> bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// For peers: LEVEL/frame_NN.bslz4 with DECTRIS' 12-byte header, cbf/frame_NN.cbf, mask.u8 (row-major, 1 = masked).
void write_frames(std::filesystem::path const& folder) {
    Workers workers(all_cores());
    auto const write = [&](std::filesystem::path const& into, Level const& level, Encoding const& encoding, std::size_t frames,
                           char const* ending) {
        std::filesystem::create_directories(into);
        auto const packed = pack_frames(station(), level, encoding, frames, workers.loop());
        for (std::size_t i = 0; i < frames; ++i)
            write_bytes(into / ("frame_" + std::to_string(i / 10) + std::to_string(i % 10) + ending), *packed.payloads[i]);
    };
    for (auto const& level : levels) write(folder / level.name, level, usual_encoding, distinct_frames, ".bslz4");
    write(folder / "cbf", levels[usual_level], encodings[std::size(encodings) - 1], 8, ".cbf");
    auto const& mask = station().mask.pixels;
    write_bytes(folder / "mask.u8", std::as_bytes(std::span(mask)));
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string(argv[1]) == "--write-frames") {
        write_frames(argv[2]);
        return 0;
    }
    for (auto const workers : one_and_all()) row("copy/" + cores(workers), [workers](State& s) { copy_memory(s, workers); });
    register_levels();
    register_tiers();
    register_encodings();
    register_pixels();
    register_real();
    for (auto const workers : one_and_all()) row("bin_map/" + cores(workers), [workers](State& s) { build_bins(s, workers); });
    benchmark::AddCustomContext("cpu_tier", std::string(name(best_cpu_tier())));
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
