// Small saved states with something in every field: of a running series, with points of one frame and of several, and of finished scans.
#include "daemon/journal/kept_scan_codec.hpp"
#include "daemon/journal/series_codec.hpp"
#include "pipeline/reduce/joined_frames.hpp"
#include "tests/fuzz/corpus.hpp"

#include <memory>

namespace sqd::fuzz {

namespace {

constexpr std::size_t rows = 3, cols = 4, bins = 5;

SeriesOpening some_opening() {
    SeriesOpening out;
    out.header.series = {7, "01HV"};
    out.header.rows = rows;
    out.header.cols = cols;
    out.header.images_expected = 12;
    out.header.energy_keV = 13;
    out.header.pixel_mask = std::make_shared<std::vector<std::uint32_t> const>(rows * cols, 1);
    out.told_by_image = out.header;
    out.scan = {"uid", "glass", Role::sample, 7, "01HV", "m1", MapGrid{3, 4, {5, 5}, true}, {{"T_comp", 643}}};
    out.said.name = "glass";
    out.said.monitor = {1, 2};
    out.announced = out.said;
    out.mark = "/data/t";
    out.request = "a UUID";
    out.config_id = "a hash";
    out.sample.composition = {"Cu", {{29, "Cu", 1}}, 1};
    return out;
}

FrameCounts some_frame(std::uint64_t number) {
    return {number, 0.5, 1, std::vector<std::uint32_t>(bins, 3'000'000'000), {{static_cast<std::uint16_t>(number % bins), 1, 0.5}}};
}

SeriesState some_state(bool with_windows) {
    SeriesState out{some_opening(), {}};
    SeriesProgress& progress = out.progress;
    progress.ledger = {{true, true, true, false, true}, 1, 3, {{4, "decode"}}};
    progress.first_image = 0;
    auto const last = with_windows ? join(some_frame(1), some_frame(2)) : some_frame(1);
    progress.counts = {std::make_shared<FrameCounts const>(some_frame(0)), std::make_shared<FrameCounts const>(last)};
    progress.window = with_windows ? 2 : 1;
    auto sums = std::make_shared<FrameSums>();
    sums->pixels.assign(rows * cols, 70000);
    sums->invalid_frames.assign(rows * cols, 1);
    sums->frames = 3;
    progress.sums = sums;
    progress.flags = {"start_missed"};
    return out;
}

std::shared_ptr<BinMap> some_bins() {
    auto out = std::make_shared<BinMap>();
    out->axis = Axis::uniform(0, 7, bins);
    out->geometry.rows = rows;
    out->geometry.cols = cols;
    out->bin.assign(tile_pixels, 0);
    out->masked.assign(tile_pixels / 64, 0);
    return out;
}

Seed seed(std::byte what, std::vector<std::byte> bytes) {
    bytes.insert(bytes.begin(), what);
    return {"saved_state", std::move(bytes)};
}

} // namespace

std::vector<Seed> saved_state_seeds() {
    SavedBy const by{"0.1.0", "instance: id13\n"};
    std::vector<double> const each(bins, 2.5);
    BinnedCounts sums{each, each, each, 3};
    Pattern1D rings;
    rings.intensity = rings.sigma = each;
    DarkScan dark{"uid", some_bins(), each, each, nullptr};
    auto pixels = std::make_shared<PixelSum>();
    pixels->counts.assign(rows * cols, 300);
    auto const without = dark_bytes({"dark", dark, true}, "so");
    dark.pixels = pixels;
    return {seed(std::byte{0}, state_bytes(some_state(false), by)),
            seed(std::byte{0}, state_bytes(some_state(true), by)),
            seed(std::byte{1}, opening_bytes(some_opening(), by)),
            seed(std::byte{2}, background_bytes({"uid", "air", some_bins()->unit, some_bins()->axis, sums, rings}, "so")),
            seed(std::byte{3}, without),
            seed(std::byte{3}, dark_bytes({"dark", dark, true}, "so")),
            seed(std::byte{4}, begun_bytes({"uid", some_opening().said, "a UUID"}, by))};
}

} // namespace sqd::fuzz
