#include "daemon/simulate/series_messages.hpp"

#include "daemon/simulate/random_block.hpp"
#include "detectors/simulated/bslz4_encoder.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "detectors/simulated/pilatus_messages.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace sqd::simulated {

namespace {

constexpr double cutoff_rate_per_s = 2.9e6; ///< counts per second beyond which the detector's rate correction gives up

std::uint32_t count_cutoff(double exposure_s) {
    return static_cast<std::uint32_t>(std::clamp(cutoff_rate_per_s * exposure_s, 1000.0, 4e9));
}

std::string utc_now() {
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return text;
}

/// Draws frame `frame` block by block: `use(pixels)` gets each block in order.
template <class Use>
void draw_frame(Samplers const& samplers, PlannedScan const& scan, std::uint64_t seed, std::uint64_t frame, Use const& use) {
    auto const& sampler = scan.on_sample[frame] ? samplers.sample : samplers.background;
    auto const key = derive(derive(derive(0, seed), scan.series_id), frame);
    std::array<std::uint32_t, sampler_block> pixels;
    for (std::size_t begin = 0; begin < sampler.pixels(); begin += sampler_block) {
        auto const block = std::span(pixels).first(std::min(sampler_block, sampler.pixels() - begin));
        sampler.draw(key, begin / sampler_block, block);
        use(std::span<std::uint32_t const>(block));
    }
}

Stream1Series stream1_description(Station const& station, PlannedScan const& scan, Dressing const& dressing) {
    Stream1Series s;
    s.series_id = scan.series_id;
    s.description = station.description;
    s.rows = station.geometry.rows;
    s.cols = station.geometry.cols;
    s.pixel_m = station.geometry.pixel1_m;
    s.energy_keV = station.beam.energy_keV;
    s.threshold_keV = station.beam.threshold_keV;
    s.sensor_material = station.beam.sensor_material;
    s.sensor_thickness_um = station.beam.sensor_thickness_um;
    s.distance_m = station.geometry.distance_m;
    s.beam_row = station.beam_row;
    s.beam_col = station.beam_col;
    s.exposure_s = dressing.exposure_s;
    s.period_s = dressing.period_s;
    s.images = scan.frames;
    s.count_cutoff = count_cutoff(dressing.exposure_s);
    s.pixel_mask = station.pixel_mask;
    s.date = utc_now() + ".000+00:00";
    s.appendix = announcement_json(scan);
    return s;
}

CbfHeader cbf_description(Station const& station, Dressing const& dressing) {
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
    return h;
}

Part read_part(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw IoError("cannot read " + path.string() + " (missing or no permission) name a folder of recorded messages", false);
    std::string const bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return part_of(bytes);
}

} // namespace

SeriesMessages stream1_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    auto const description = stream1_description(station, scan, dressing);
    SeriesMessages series;
    series.start = header_message(description, dressing.header_detail);
    series.frames = scan.frames;
    series.frame = [description, scan, samplers, seed = dressing.seed](std::uint64_t frame) {
        Bslz4Encoder encoder(description.rows * description.cols);
        draw_frame(*samplers, scan, seed, frame, [&](std::span<std::uint32_t const> block) { encoder.add(block); });
        return image_message(description, frame, encoder.finish());
    };
    if (dressing.with_end) series.end = series_end_message(scan.series_id);
    return series;
}

SeriesMessages pilatus_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing) {
    auto const description = cbf_description(station, dressing);
    auto const rows = station.geometry.rows, cols = station.geometry.cols;
    SeriesMessages series;
    series.start = pilatus_header_message("/ramdisk/" + scan.name + "_00000.cbf");
    series.frames = scan.frames;
    series.frame = [description, scan, samplers, rows, cols, dressing](std::uint64_t frame) {
        std::vector<std::int32_t> pixels; // all-ones, the mask of the sampler, is -1 here: a gap
        pixels.reserve(rows * cols);
        draw_frame(*samplers, scan, dressing.seed, frame, [&](std::span<std::uint32_t const> block) {
            for (auto const p : block) pixels.push_back(static_cast<std::int32_t>(p));
        });
        if (!dressing.cbf) return pilatus_raw_message(frame, rows, cols, pixels);
        auto header = description;
        char number[32];
        std::snprintf(number, sizeof number, "_%05llu", static_cast<unsigned long long>(frame));
        header.name = scan.name + number;
        return pilatus_cbf_message(frame, rows, cols, write_cbf(header, rows, cols, pixels));
    };
    if (dressing.with_end) series.end = pilatus_end_message();
    return series;
}

SeriesMessages recorded_series(std::filesystem::path const& directory) {
    std::map<unsigned, std::map<unsigned, std::filesystem::path>> files;
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(directory, error)) {
        unsigned message = 0, part = 0;
        int length = 0;
        auto const file = entry.path().filename().string();
        if (std::sscanf(file.c_str(), "m%u_p%u.bin%n", &message, &part, &length) == 2 && static_cast<std::size_t>(length) == file.size())
            files[message][part] = entry.path();
    }
    if (files.empty())
        throw IoError("no recorded messages in " + directory.string() + " (files mNNNN_pK.bin are wanted) name another folder", false);
    std::vector<Message> messages;
    for (auto const& [number, parts] : files) {
        auto& message = messages.emplace_back();
        for (auto const& [part, path] : parts) message.push_back(read_part(path));
    }
    SeriesMessages series;
    series.start = messages.front();
    series.frames = messages.size() - 1;
    series.frame = [messages = std::move(messages)](std::uint64_t i) { return messages[i + 1]; };
    return series;
}

} // namespace sqd::simulated
