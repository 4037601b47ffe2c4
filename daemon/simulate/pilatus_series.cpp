// Series of a Pilatus: by MAX IV's streamer, by PSI's arrays, as camserver's files.
#include "daemon/simulate/series_messages.hpp"
#include "detectors/simulated/array_messages.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "detectors/simulated/pixel_encoder.hpp"

#include <cstdio>
#include <utility>

namespace sqd::simulated {

namespace {

/// The frames of a scan as signed pixels: all ones, the mask of the sampler, is -1 here, a gap.
struct PilatusFrames {
    std::shared_ptr<Samplers const> samplers;
    PlannedScan scan;
    std::uint64_t seed;
    CbfHeader header;
    std::size_t rows, cols;

    std::vector<std::int32_t> pixels(std::uint64_t frame) const {
        std::vector<std::int32_t> out;
        out.reserve(rows * cols);
        draw_frame(*samplers, scan, seed, frame, [&](std::span<std::uint32_t const> block) {
            for (auto const p : block) out.push_back(static_cast<std::int32_t>(p));
        });
        return out;
    }
    /// As camserver names it, without the ending.
    std::string stem(std::uint64_t frame) const {
        char number[32];
        std::snprintf(number, sizeof number, "_%05llu", static_cast<unsigned long long>(frame));
        return scan.name + number;
    }
    Part file(std::uint64_t frame) const {
        auto named = header;
        named.name = stem(frame);
        return write_cbf(named, rows, cols, pixels(frame));
    }
};

PilatusFrames frames_of(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                        Dressing const& dressing) {
    CbfHeader h;
    h.detector = station.description;
    h.pixel_m = station.geometry.pixel1_m;
    h.sensor_material = station.beam.sensor_material;
    h.sensor_thickness_um = station.beam.sensor_thickness_um;
    h.exposure_s = dressing.exposure_s;
    h.period_s = dressing.period_s;
    h.energy_keV = station.beam.energy_keV;
    h.threshold_keV = station.beam.threshold_keV;
    h.distance_m = station.geometry.distance_m;
    h.beam_row = station.beam_row;
    h.beam_col = station.beam_col;
    h.count_cutoff = count_cutoff(dressing.exposure_s);
    h.date = utc_now() + ".000";
    return {std::move(samplers), scan, dressing.seed, h, station.geometry.rows, station.geometry.cols};
}

} // namespace

SeriesMessages pilatus_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    SeriesMessages series;
    series.start = pilatus_header_message("/ramdisk/" + scan.name + "_00000.cbf");
    series.frames = scan.frames;
    series.frame = [frames = frames_of(station, scan, std::move(samplers), dressing),
                    cbf = dressing.dialect.cbf.value_or(true)](std::uint64_t i) {
        if (cbf) return pilatus_cbf_message(i, frames.rows, frames.cols, frames.file(i));
        return pilatus_raw_message(i, frames.rows, frames.cols, frames.pixels(i));
    };
    if (dressing.with_end) series.end = pilatus_end_message();
    return series;
}

SeriesMessages array_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                            Dressing const& dressing) {
    SeriesMessages series;
    series.frames = scan.frames;
    series.frame = [frames = frames_of(station, scan, std::move(samplers), dressing), cbf = dressing.dialect.cbf.value_or(false),
                    bits = dressing.dialect.bits](std::uint64_t i) {
        if (cbf) return pilatus1_message(frames.stem(i) + ".cbf", "/ramdisk/", frames.file(i));
        auto const pixels = draw_pixels(*frames.samplers, frames.scan, frames.seed, i);
        return array_message(i, frames.rows, frames.cols, "uint" + std::to_string(bits), encode_pixels(pixels, PixelEncoding::raw, bits));
    };
    return series;
}

SeriesMessages cbf_files_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                                Dressing const& dressing) {
    SeriesMessages series;
    series.frames = scan.frames;
    series.frame = [frames = frames_of(station, scan, std::move(samplers), dressing)](std::uint64_t i) {
        Message file{part_of(frames.stem(i) + ".cbf")};
        file.push_back(frames.file(i));
        return file;
    };
    return series;
}

} // namespace sqd::simulated
