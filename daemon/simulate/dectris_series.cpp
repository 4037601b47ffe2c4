// Series of DECTRIS streams.
#include "daemon/simulate/series_messages.hpp"
#include "detectors/simulated/bslz4_encoder.hpp"
#include "detectors/simulated/pixel_encoder.hpp"
#include "detectors/simulated/stream1_messages.hpp"
#include "detectors/simulated/stream2_messages.hpp"

#include <cstdio>
#include <utility>

namespace sqd::simulated {

namespace {

constexpr std::uint32_t masked = ~std::uint32_t{0};

/// What both versions say alike.
template <class Series>
Series describe(Station const& station, PlannedScan const& scan, Dressing const& dressing) {
    Series s;
    s.series_id = scan.series_id;
    s.description = station.description;
    s.rows = station.geometry.rows;
    s.cols = station.geometry.cols;
    s.pixel_m = station.geometry.pixel1_m;
    s.energy_keV = station.beam.energy_keV;
    s.sensor_material = station.beam.sensor_material;
    s.sensor_thickness_um = station.beam.sensor_thickness_um;
    s.distance_m = station.geometry.distance_m;
    s.beam_row = station.beam_row;
    s.beam_col = station.beam_col;
    s.exposure_s = dressing.exposure_s;
    s.period_s = dressing.period_s;
    s.images = scan.frames;
    s.count_cutoff = count_cutoff(dressing.exposure_s);
    s.bits = dressing.dialect.bits;
    s.date = utc_now() + ".000+00:00";
    return s;
}

PixelEncoding pixel_encoding(Dialect::Encoding encoding, PixelEncoding lz4) {
    switch (encoding) {
    case Dialect::Encoding::bslz4: break;
    case Dialect::Encoding::lz4: return lz4;
    case Dialect::Encoding::raw: return PixelEncoding::raw;
    }
    return PixelEncoding::bslz4;
}

/// Of threshold 1: the frame's counts. A second threshold counts half of them, and the third channel is their difference.
Part channel_payload(std::vector<std::uint32_t> pixels, std::size_t channel, PixelEncoding encoding, unsigned bits) {
    for (auto& pixel : pixels) {
        if (pixel == masked || channel == 0) continue;
        pixel = channel == 1 ? pixel / 2 : pixel - pixel / 2;
    }
    return encode_pixels(pixels, encoding, bits);
}

/// 26 characters, as long as a ULID: other series, or the same one drawn anew, have another.
std::string unique_id(PlannedScan const& scan, std::uint64_t seed) {
    char text[64];
    std::snprintf(text, sizeof text, "01HV%010llu%012llu", static_cast<unsigned long long>(seed % 10'000'000'000),
                  static_cast<unsigned long long>(scan.series_id % 1'000'000'000'000));
    return text;
}

std::vector<Stream2Channel> stream2_channels(Station const& station, unsigned channels) {
    double const threshold = station.beam.threshold_keV;
    std::vector<Stream2Channel> all{{"threshold_1", threshold, station.pixel_mask},
                                    {"threshold_2", 1.5 * threshold, station.pixel_mask},
                                    {"difference", 0, station.pixel_mask}};
    all.resize(channels);
    return all;
}

} // namespace

SeriesMessages stream1_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    auto description = describe<Stream1Series>(station, scan, dressing);
    description.threshold_keV = station.beam.threshold_keV;
    description.pixel_mask = station.pixel_mask;
    description.appendix = announcement_json(scan);
    description.dialect = dressing.dialect.api;
    description.encoding = pixel_encoding(dressing.dialect.encoding, PixelEncoding::bare_lz4);
    auto pack = [rows = description.rows, cols = description.cols, encoding = description.encoding, bits = description.bits, scan,
                 samplers = std::move(samplers), seed = dressing.seed](std::uint64_t frame) {
        if (encoding != PixelEncoding::bslz4) return shared({encode_pixels(draw_pixels(*samplers, scan, seed, frame), encoding, bits)});
        Bslz4Encoder encoder(rows * cols, bits);
        draw_frame(*samplers, scan, seed, frame, [&](std::span<std::uint32_t const> block) { encoder.add(block); });
        return shared({encoder.finish()});
    };
    SeriesMessages series;
    series.start = shared(header_message(description, dressing.dialect.header_detail));
    series.frames = scan.frames;
    series.prepared = !dressing.drawn.empty();
    if (dressing.with_end) series.end = shared(series_end_message(scan.series_id));
    series.frame = [description = std::move(description), payloads = prepare(std::move(pack), scan, dressing.drawn, dressing.packed)](
                       std::uint64_t frame) { return shared_image_message(description, frame, payloads(frame).front()); };
    return series;
}

SeriesMessages stream2_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    auto description = describe<Stream2Series>(station, scan, dressing);
    description.unique_id = unique_id(scan, dressing.seed);
    description.encoding = pixel_encoding(dressing.dialect.encoding, PixelEncoding::framed_lz4);
    description.channels = stream2_channels(station, dressing.dialect.channels);
    description.user_data = announcement_json(scan);
    auto pack = [channels = description.channels.size(), encoding = description.encoding, bits = description.bits, scan,
                 samplers = std::move(samplers), seed = dressing.seed](std::uint64_t frame) {
        auto const pixels = draw_pixels(*samplers, scan, seed, frame);
        Message payloads;
        for (std::size_t channel = 0; channel < channels; ++channel) payloads.push_back(channel_payload(pixels, channel, encoding, bits));
        return shared(std::move(payloads));
    };
    SeriesMessages series;
    series.start = shared(stream2_start_message(description, dressing.dialect.header_detail));
    series.frames = scan.frames;
    series.prepared = !dressing.drawn.empty();
    if (dressing.with_end) series.end = shared(stream2_end_message(description));
    series.frame = [description = std::move(description), payloads = prepare(std::move(pack), scan, dressing.drawn, dressing.packed)](
                       std::uint64_t frame) { return shared(stream2_image_message(description, frame, payloads(frame))); };
    return series;
}

} // namespace sqd::simulated
