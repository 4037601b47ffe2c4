// The frames that benchmarks are run on: an Eiger 4M before a glass at 13 keV, at several brightnesses, in every encoding.
#pragma once

#include "daemon/simulate/poisson_sampler.hpp"
#include "daemon/simulate/random_block.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"
#include "detectors/models.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/message.hpp"
#include "detectors/simulated/pixel_encoder.hpp"
#include "pipeline/core/cpu_tier.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/bin_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sqd::bench {

inline constexpr std::uint32_t gap = 0xffffffffU;
inline constexpr std::uint64_t seed = 20261126;

/// The station of config/id13.yaml, or a detector of any other size in its place: a square of the same solid angle.
struct BenchStation {
    Geometry geometry;
    Mask mask;
    Image<double> shape; ///< mean counts, of mean 1 over all unmasked pixels; NaN where masked
};

/// How the intensity depends on q: two diffuse peaks on a rising background.
inline double glass_like(double q) {
    auto const peak = [q](double height, double centre, double width) {
        auto const x = (q - centre) / width;
        return height * std::exp(-x * x);
    };
    return 0.15 + peak(2.2, 2.624, 0.25) + peak(0.55, 4.4, 0.45) + 0.4 * (1 - std::exp(-q * q / 9));
}

inline BenchStation station_of(Geometry const& geometry, Mask mask) {
    BenchStation station{geometry, std::move(mask), Image<double>(geometry.rows, geometry.cols)};
    double sum = 0;
    std::size_t good = 0;
    for (std::size_t row = 0; row < geometry.rows; ++row) {
        for (std::size_t col = 0; col < geometry.cols; ++col) {
            auto const i = row * geometry.cols + col;
            auto const point = lab_point(geometry, static_cast<double>(row) + 0.5, static_cast<double>(col) + 0.5);
            station.shape.pixels[i] = station.mask.pixels[i] != 0 ? std::numeric_limits<double>::quiet_NaN()
                                                                  : glass_like(q_invA(two_theta_rad(point), geometry.wavelength_A)) *
                                                                        std::pow(point.cos_incidence, 3);
            if (station.mask.pixels[i] != 0) continue;
            sum += station.shape.pixels[i];
            ++good;
        }
    }
    for (auto& mean : station.shape.pixels) mean *= static_cast<double>(good) / sum;
    return station;
}

inline Geometry eiger4m_geometry() {
    return {.distance_m = 0.0816,
            .poni1_m = 0.0045,
            .poni2_m = 0.0776,
            .pixel1_m = 75e-6,
            .pixel2_m = 75e-6,
            .rows = 2167,
            .cols = 2070,
            .wavelength_A = 0.9537246033};
}

inline BenchStation eiger4m() {
    return station_of(eiger4m_geometry(), gap_mask(*find_detector("Eiger4M")));
}

/// The same view by a detector of about so many megapixels, no gaps.
inline BenchStation square_detector(double megapixels) {
    auto geometry = eiger4m_geometry();
    auto const side = static_cast<std::size_t>(std::sqrt(megapixels * 1e6) / 8) * 8;
    geometry.pixel1_m *= static_cast<double>(geometry.rows) / static_cast<double>(side);
    geometry.pixel2_m *= static_cast<double>(geometry.cols) / static_cast<double>(side);
    geometry.rows = geometry.cols = side;
    return station_of(geometry, Mask(side, side));
}

/// How bright, and how many pixels count far too much in every frame.
struct Level {
    char const* name;
    double mean;
    std::size_t hot_pixels = 0;
};

inline constexpr Level levels[] = {{"0.05", 0.05}, {"1", 1}, {"1.4", 1.4}, {"1.4hot", 1.4, 300}, {"6", 6}, {"50", 50}};
inline constexpr std::size_t usual_level = 2; ///< the station's own brightness: 1.4 counts per pixel and frame

/// Draws frames of one brightness.
class FrameSource {
public:
    FrameSource(BenchStation const& station, Level const& level) : sampler_(scaled(station.shape, level.mean)) {
        for (std::uint64_t attempt = 0; hot_.size() < level.hot_pixels; ++attempt) {
            auto const pixel = simulated::derive(seed, attempt) % station.shape.size();
            if (station.mask.pixels[pixel] == 0) hot_.push_back(pixel);
        }
    }

    /// Frame `number`, gaps all ones. Hot pixels count 300 to 100 000.
    std::vector<std::uint32_t> draw(std::uint64_t number) const {
        std::vector<std::uint32_t> pixels(sampler_.pixels());
        auto const key = simulated::derive(seed, number);
        for (std::size_t begin = 0; begin < pixels.size(); begin += simulated::sampler_block)
            sampler_.draw(key, begin / simulated::sampler_block,
                          std::span(pixels).subspan(begin, std::min(simulated::sampler_block, pixels.size() - begin)));
        for (std::size_t i = 0; i < hot_.size(); ++i)
            pixels[hot_[i]] = static_cast<std::uint32_t>(300 * std::pow(333.0, static_cast<double>(i) / static_cast<double>(hot_.size())) +
                                                         static_cast<double>((number * 7 + i) % 50));
        return pixels;
    }

private:
    static Image<double> scaled(Image<double> image, double factor) {
        for (auto& pixel : image.pixels) pixel *= factor;
        return image;
    }

    simulated::PoissonSampler sampler_;
    std::vector<std::size_t> hot_;
};

/// An encoding: bytes of an image, and the reader that the daemon gives them to.
struct Encoding {
    char const* name;
    unsigned bits;
    simulated::Part (*pack)(std::vector<std::uint32_t> const& pixels, Geometry const& geometry);
    std::shared_ptr<TileReader> (*reader)(MessagePart payload, Geometry const& geometry, CpuTier tier);
};

template <simulated::PixelEncoding encoding, unsigned bits>
simulated::Part pack_pixels(std::vector<std::uint32_t> const& pixels, Geometry const&) {
    return simulated::encode_pixels(pixels, encoding, bits);
}

inline simulated::Part pack_cbf(std::vector<std::uint32_t> const& pixels, Geometry const& geometry) {
    std::vector<std::int32_t> const counts(pixels.begin(), pixels.end()); // a gap is -1
    simulated::CbfHeader header;
    header.name = "bench";
    header.detector = "bench";
    header.sensor_material = "Si";
    header.count_cutoff = 1 << 20;
    return simulated::write_cbf(header, geometry.rows, geometry.cols, counts);
}

template <unsigned bits>
PixelFormat format_of(Geometry const& geometry, CpuTier tier) {
    return {geometry.rows * geometry.cols, bits / 8, largest_valid_count({bits / 8, false}, std::nullopt), tier};
}

template <unsigned bits>
std::shared_ptr<TileReader> bslz4_reader(MessagePart payload, Geometry const& geometry, CpuTier tier) {
    return std::make_shared<BitshuffleTiles>(std::move(payload), format_of<bits>(geometry, tier));
}

template <unsigned bits>
std::shared_ptr<TileReader> raw_reader(MessagePart payload, Geometry const& geometry, CpuTier tier) {
    return std::make_shared<RawTiles>(std::move(payload), format_of<bits>(geometry, tier));
}

inline std::shared_ptr<TileReader> lz4_reader(MessagePart payload, Geometry const& geometry, CpuTier tier) {
    return std::make_shared<UnpackedTiles>(std::move(payload), format_of<32>(geometry, tier), decompress_lz4_block);
}

inline std::shared_ptr<TileReader> cbf_reader(MessagePart payload, Geometry const& geometry, CpuTier) {
    return std::make_shared<CbfTiles>(std::move(payload), geometry.rows, geometry.cols);
}

using simulated::PixelEncoding;
inline constexpr Encoding encodings[] = {
    {"bs32", 32, pack_pixels<PixelEncoding::bslz4, 32>, bslz4_reader<32>}, // the first is the usual one
    {"bs16", 16, pack_pixels<PixelEncoding::bslz4, 16>, bslz4_reader<16>},
    {"bs8", 8, pack_pixels<PixelEncoding::bslz4, 8>, bslz4_reader<8>},
    {"lz4", 32, pack_pixels<PixelEncoding::bare_lz4, 32>, lz4_reader},
    {"raw32", 32, pack_pixels<PixelEncoding::raw, 32>, raw_reader<32>},
    {"raw16", 16, pack_pixels<PixelEncoding::raw, 16>, raw_reader<16>},
    {"cbf", 32, pack_cbf, cbf_reader},
};
inline constexpr Encoding const& usual_encoding = encodings[0];

/// Packed frames in memory, as a socket would have left them.
struct PackedFrames {
    Geometry geometry;
    Encoding const* encoding = nullptr;
    std::vector<simulated::SharedPart> payloads;

    std::size_t packed_bytes() const {
        std::size_t bytes = 0;
        for (auto const& payload : payloads) bytes += payload->size();
        return bytes;
    }
    std::size_t pixel_bytes() const { return payloads.size() * geometry.rows * geometry.cols * encoding->bits / 8; }

    /// Frame `i` as a decoder hands it on: its reader is new.
    Frame frame(std::size_t i, CpuTier tier = best_cpu_tier()) const {
        Frame frame;
        frame.number = i;
        frame.rows = geometry.rows;
        frame.cols = geometry.cols;
        frame.bits = encoding->bits;
        frame.tiles = encoding->reader({std::span(*payloads[i]), payloads[i]}, geometry, tier);
        return frame;
    }
};

inline PackedFrames pack_frames(BenchStation const& station, Level const& level, Encoding const& encoding, std::size_t frames,
                                ParallelFor const& parallel_for) {
    FrameSource const source(station, level);
    PackedFrames packed{station.geometry, &encoding, std::vector<simulated::SharedPart>(frames)};
    parallel_for(frames, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i)
            packed.payloads[i] = std::make_shared<simulated::Part const>(encoding.pack(source.draw(i), station.geometry));
    });
    return packed;
}

/// The bins of config/id13.yaml, or so many others.
inline std::shared_ptr<BinMap const> bins_of(BenchStation const& station, std::size_t npt, ParallelFor const& parallel_for) {
    IntegrationConfig config;
    config.npt = npt;
    config.unit = RadialUnit::q_invA;
    config.radial_range = std::pair{0.1, 7.0};
    config.polarization_factor = 0.97;
    return std::make_shared<BinMap const>(build_bin_map(station.geometry, station.mask, config, Sensor{"Si", 450}, 13, parallel_for));
}

} // namespace sqd::bench
