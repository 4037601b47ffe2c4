// Series of a Pilatus: by MAX IV's streamer, by PSI's arrays, as camserver's files.
#include "daemon/simulate/series_messages.hpp"
#include "detectors/simulated/array_messages.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "detectors/simulated/pixel_encoder.hpp"

#include <cstdio>
#include <functional>
#include <span>
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

/// The header of a frame's message, its payload still missing, and the payload.
using Head = std::function<Message(PilatusFrames const&, std::uint64_t)>;
using Pack = std::function<Part(PilatusFrames const&, std::uint64_t)>;

/// Messages of two parts: header and payload. A file that is repeated keeps the name inside it.
SeriesMessages two_part_series(PilatusFrames const& frames, Dressing const& dressing, Head head, Pack pack) {
    auto payloads = prepare([frames, pack = std::move(pack)](std::uint64_t i) { return shared({pack(frames, i)}); }, frames.scan,
                            dressing.drawn, dressing.packed);
    SeriesMessages series;
    series.frames = frames.scan.frames;
    series.prepared = !dressing.drawn.empty();
    series.frame = [frames, head = std::move(head), payloads = std::move(payloads)](std::uint64_t i) {
        auto message = shared(head(frames, i));
        message.back() = payloads(i).front();
        return message;
    };
    return series;
}

Part packed_file(PilatusFrames const& frames, std::uint64_t i) {
    return frames.file(i);
}

} // namespace

SeriesMessages pilatus_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    auto const frames = frames_of(station, scan, std::move(samplers), dressing);
    auto const head_of_file = [](PilatusFrames const& f, std::uint64_t i) { return pilatus_cbf_message(i, f.rows, f.cols, {}); };
    auto const head_of_pixels = [](PilatusFrames const& f, std::uint64_t i) { return pilatus_raw_message(i, f.rows, f.cols, {}); };
    auto const pixels = [](PilatusFrames const& f, std::uint64_t i) { return part_of(std::span<std::int32_t const>(f.pixels(i))); };
    auto series = dressing.dialect.cbf.value_or(true) ? two_part_series(frames, dressing, head_of_file, packed_file)
                                                      : two_part_series(frames, dressing, head_of_pixels, pixels);
    series.start = shared(pilatus_header_message("/ramdisk/" + scan.name + "_00000.cbf"));
    if (dressing.with_end) series.end = shared(pilatus_end_message());
    return series;
}

SeriesMessages array_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                            Dressing const& dressing) {
    auto const frames = frames_of(station, scan, std::move(samplers), dressing);
    if (dressing.dialect.cbf.value_or(false)) {
        auto const head = [](PilatusFrames const& f, std::uint64_t i) { return pilatus1_message(f.stem(i) + ".cbf", "/ramdisk/", {}); };
        return two_part_series(frames, dressing, head, packed_file);
    }
    auto const bits = dressing.dialect.bits;
    auto const head = [type = "uint" + std::to_string(bits)](PilatusFrames const& f, std::uint64_t i) {
        return array_message(i, f.rows, f.cols, type, {});
    };
    auto const pixels = [bits](PilatusFrames const& f, std::uint64_t i) {
        return encode_pixels(draw_pixels(*f.samplers, f.scan, f.seed, i), PixelEncoding::raw, bits);
    };
    return two_part_series(frames, dressing, head, pixels);
}

SeriesMessages cbf_files_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                                Dressing const& dressing) {
    auto const head = [](PilatusFrames const& f, std::uint64_t i) { return Message{part_of(f.stem(i) + ".cbf"), {}}; };
    return two_part_series(frames_of(station, scan, std::move(samplers), dressing), dressing, head, packed_file);
}

} // namespace sqd::simulated
