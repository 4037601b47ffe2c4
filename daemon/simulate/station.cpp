#include "daemon/simulate/station.hpp"

#include "daemon/simulate/random_block.hpp"
#include "detectors/models.hpp"
#include "pipeline/core/errors.hpp"

#include <cstddef>

namespace sqd::simulated {

namespace {

constexpr std::uint32_t gap_bit = 1, over_responding_bit = 1U << 3, noisy_bit = 1U << 4;
constexpr int hot_pixels = 5;
constexpr std::uint64_t hot_pixel_stream = 0x686f74; ///< apart from the keys of series

std::vector<std::uint32_t> make_pixel_mask(Mask const& gaps, std::uint64_t seed) {
    std::vector<std::uint32_t> bits(gaps.size());
    for (std::size_t i = 0; i < gaps.size(); ++i) bits[i] = gaps.pixels[i] ? gap_bit : 0;
    auto const key = derive(seed, hot_pixel_stream);
    int placed = 0;
    for (std::uint64_t attempt = 0; placed < hot_pixels && attempt < 1000; ++attempt) {
        auto& pixel = bits[derive(key, attempt) % bits.size()];
        if (pixel != 0) continue;
        pixel = placed % 2 == 0 ? over_responding_bit : noisy_bit;
        ++placed;
    }
    return bits;
}

GlassSample glass_sample(Config const& config, StationOptions const& options) {
    auto const& s = config.reduction.sample;
    GlassSample sample;
    sample.composition = s.composition.elements.empty() ? parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5") : s.composition;
    sample.density_g_cm3 = s.density_g_cm3.value_or(6.0);
    sample.thickness_um = s.thickness_um > 0 ? s.thickness_um : 30;
    sample.transmission = s.transmission;
    sample.air_path_mm = options.air_path_mm;
    sample.upstream_fraction = config.reduction.background.upstream_fraction;
    return sample;
}

GlassBeam glass_beam(Config const& config) {
    GlassBeam beam;
    beam.energy_keV = config.energy_keV;
    beam.threshold_keV = config.detector.threshold_keV.value_or(config.energy_keV / 2);
    beam.polarization_factor = config.integration.polarization_factor.value_or(config.reduction.polarization_factor);
    if (config.detector.sensor) {
        beam.sensor_material = config.detector.sensor->material;
        beam.sensor_thickness_um = config.detector.sensor->thickness_um;
    }
    return beam;
}

} // namespace

Station make_station(Config const& config, StationOptions const& options) {
    if (config.geometry.parallax)
        throw DataError("the .poni file declares parallax (the virtual detector counts photons where they enter) simulate without it");
    Station station;
    station.geometry = config.geometry;
    station.sample = glass_sample(config, options);
    station.beam = glass_beam(config);
    station.flux_per_s = options.flux_per_s;
    auto const* const model = find_detector(config.detector.name);
    auto const gaps = model != nullptr ? gap_mask(*model) : config.mask;
    station.description = model != nullptr && *model->description ? std::string("Dectris ") + model->description : config.detector.name;
    station.pixel_mask = make_pixel_mask(gaps, options.seed);
    station.dead = Mask(gaps.rows, gaps.cols);
    for (std::size_t i = 0; i < gaps.size(); ++i) station.dead.pixels[i] = station.pixel_mask[i] != 0;
    auto const beam = direct_beam(config.geometry);
    station.beam_row = beam.row;
    station.beam_col = beam.col;
    return station;
}

} // namespace sqd::simulated
