// The state of a running series as bytes: everything in it comes back, and nothing that is not whole is believed.
#include "daemon/journal/series_codec.hpp"
#include "daemon/journal/series_fields.hpp"
#include "daemon/run/interrupted_series.hpp"
#include "pipeline/reduce/joined_frames.hpp"
#include "tests/support/resume_bench.hpp"

#include <random>
#include <tuple>

using namespace sqd;
using namespace sqd::test;

namespace {

SavedBy const by{"0.1.0", "instance: id13\n"};

SeriesStart full_start() {
    SeriesStart s;
    s.series = {7, "01HV"};
    s.description = "Dectris EIGER2 4M";
    s.serial_number = "E-08";
    s.rows = rows;
    s.cols = cols;
    s.images_expected = 1800;
    s.energy_keV = 12.4;
    s.wavelength_A = 1.0;
    s.threshold_keV = 6.2;
    s.count_time_s = 0.0999;
    s.frame_time_s = 0.1;
    s.pixel1_m = 75e-6;
    s.pixel2_m = 75e-6;
    s.sensor_material = "Si";
    s.sensor_thickness_um = 450;
    s.saturation = 60000;
    s.countrate_correction_applied = true;
    s.flatfield_applied = false;
    s.pixel_mask_applied = true;
    auto mask = std::make_shared<std::vector<std::uint32_t>>(rows * cols);
    (*mask)[5] = 3;
    s.pixel_mask = mask;
    s.appendix = "{}";
    s.date = "2026-11-26";
    s.first_image = 1;
    return s;
}

ScanAnnouncement full_announcement() {
    ScanAnnouncement a;
    a.role = Role::background;
    a.name = "air";
    a.mount = "m1";
    a.calibrant = "LaB6";
    a.points = 12;
    a.grid = MapGrid{3, 4, {1, 2}, true};
    a.composition = "LaB6";
    a.density_g_cm3 = 4.7;
    a.density_A3 = 0.1;
    a.thickness_um = 30;
    a.thickness_sigma_um = 2;
    a.transmission = 0.4;
    a.monitor = {1, 2.5};
    a.attenuation = 0.1;
    a.parameters = {{"T_comp", 643}, {"P_comp", -0.0}};
    return a;
}

SeriesState full_state() {
    SeriesState state;
    SeriesOpening& o = state.opening;
    o.header = full_start();
    o.told_by_image = full_start();
    o.told_by_image->pixel_mask = nullptr;
    o.scan = {"uid", "glass", Role::calibrant, 7, "01HV", "m1", MapGrid{3, 4, {}, false}, {{"T_comp", 1.0 / 3}}};
    o.said = full_announcement();
    o.announced = full_announcement();
    o.frames_came = o.begun = true;
    o.mark = "/data/t";
    o.announcement_taken = true;
    o.request = "a UUID";
    o.config_id = "a hash";
    o.sample.composition = parse_composition("Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    o.sample.density_g_cm3 = 6.0;
    o.sample.thickness_um = 30;
    o.sample.thickness_sigma_um = 2;
    o.sample.transmission = 0.9;
    o.sample.shape = SampleShape::cylinder;
    o.sample.tilt_rad = 0.1;
    o.sample.tilt_azimuth_rad = 0.2;
    o.sample.self_absorption = false;
    o.sample.transmission_sigma = 0.01;
    o.expected = 12;
    o.announced_count = true;
    o.reserved_results = 2 * result_numbers;
    o.revision = 3;
    o.started_ns = -5;
    SeriesProgress& p = state.progress;
    p.ledger = {{true, false, true, true, true}, 2, 3, {{3, "decode"}}};
    p.first_place = 4;
    p.seen_before = 3;
    p.series = 2;
    p.between = true;
    p.first_image = 1;
    auto const frame = [](std::uint64_t number) {
        return FrameCounts{number, 0.5 + static_cast<double>(number), 2, std::vector<std::uint32_t>(20, 3'000'000'000), {{3, 1, 0.1}}};
    };
    p.counts = {std::make_shared<FrameCounts const>(frame(0)), std::make_shared<FrameCounts const>(join(frame(2), frame(4)))};
    p.window = 4;
    auto sums = std::make_shared<FrameSums>();
    sums->pixels.assign(rows * cols, 7);
    sums->pixels[3] = 1ULL << 40;
    sums->invalid_frames.assign(rows * cols, 0);
    sums->invalid_frames[9] = 300;
    sums->frames = 3;
    p.sums = sums;
    p.bins = 0xfeedfacecafebeef;
    p.flags = {"start_missed", "frames_missing"};
    p.refused = "why";
    p.first_frame_ns = 5;
    p.last_frame_ns = 6;
    p.ran_s = 12.5;
    return state;
}

// A field that is added to one of these does not compile here until it is looked at.
auto tied(SeriesStart const& s) {
    auto const& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, mask, v, w, x] = s;
    return std::tuple(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, mask ? *mask : std::vector<std::uint32_t>(), v, w, x);
}
auto tied(ScanIdentity const& s) {
    auto const& [a, b, c, d, e, f, g, h] = s;
    return std::tie(a, b, c, d, e, f, g, h);
}
auto tied(ScanAnnouncement const& s) {
    auto const& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = s;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
}
auto tied(Sample const& s) {
    auto const& [a, b, c, d, e, f, g, h, i, j] = s;
    return std::tie(a, b, c, d, e, f, g, h, i, j);
}
auto tied(FrameCounts const& s) {
    auto const& [a, b, c, d, e, f, g, h] = s;
    return std::tie(a, b, c, d, e, f, g, h);
}
auto tied(FrameSums const& s) {
    auto const& [a, b, c] = s;
    return std::tie(a, b, c);
}

void check_same(SeriesOpening const& x, SeriesOpening const& y) {
    auto const& [header, told, scan, said, announced, came, mark, taken, sample, expected, announced_count, begun, request, config_id,
                 reserved, revision, started, told_beside_it] = x;
    CHECK(told_beside_it == y.announcement_id);
    CHECK(tied(header) == tied(y.header));
    REQUIRE(told.has_value() == y.told_by_image.has_value());
    if (told) CHECK(tied(*told) == tied(*y.told_by_image));
    CHECK(tied(scan) == tied(y.scan));
    CHECK(tied(said) == tied(y.said));
    REQUIRE(announced.has_value() == y.announced.has_value());
    if (announced) CHECK(tied(*announced) == tied(*y.announced));
    CHECK(tied(sample) == tied(y.sample));
    CHECK(std::tie(came, mark, taken, expected, announced_count, begun, request, config_id, reserved, revision, started) ==
          std::tie(y.frames_came, y.mark, y.announcement_taken, y.expected, y.announced_count, y.begun, y.request, y.config_id,
                   y.reserved_results, y.revision, y.started_ns));
}

void check_same(SeriesProgress const& x, SeriesProgress const& y) {
    auto const& [ledger, first_place, seen_before, series, between, first_image, counts, window, sums, bins, flags, refused, first_ns,
                 last_ns, ran_s] = x;
    auto const& [came, duplicates, accepted, rejections] = ledger;
    CHECK(std::tie(came, duplicates, accepted) == std::tie(y.ledger.came, y.ledger.duplicates, y.ledger.accepted));
    REQUIRE(rejections.size() == y.ledger.rejections.size());
    for (std::size_t i = 0; i < rejections.size(); ++i) {
        CHECK(rejections[i].number == y.ledger.rejections[i].number);
        CHECK(rejections[i].reason == y.ledger.rejections[i].reason);
    }
    REQUIRE(counts.size() == y.counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) CHECK(tied(*counts[i]) == tied(*y.counts[i]));
    REQUIRE((sums != nullptr) == (y.sums != nullptr));
    if (sums) CHECK(tied(*sums) == tied(*y.sums));
    CHECK(std::tie(first_place, seen_before, series, between) == std::tie(y.first_place, y.seen_before, y.series, y.between));
    CHECK(std::tie(first_image, window, bins, flags, refused, first_ns, last_ns, ran_s) ==
          std::tie(y.first_image, y.window, y.bins, y.flags, y.refused, y.first_frame_ns, y.last_frame_ns, y.ran_s));
}

/// Some frames are lost, some come late, some are broken.
void play_images(Bench& bench, std::vector<std::uint64_t> const& numbers, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
        std::uint64_t const n = numbers[i];
        bench.image(1, n, image_of(n), n % 11 == 10 ? std::optional<std::size_t>(1) : std::nullopt);
    }
}

} // namespace

TEST_CASE("every field of a state comes back") {
    auto const state = full_state();
    auto const bytes = state_bytes(state, by);
    auto const read = read_state(bytes);
    CHECK(read.by.version == by.version);
    CHECK(read.by.config_yaml.empty());
    check_same(state.opening, read.state.opening);
    check_same(state.progress, read.state.progress);
    CHECK(state_bytes(read.state, by) == bytes);
    auto const opening = read_opening(opening_bytes(state.opening, by));
    check_same(opening.opening, state.opening);
    CHECK(opening.by.config_yaml == by.config_yaml);
    CHECK_FALSE(read_begun(opening_bytes(state.opening, by)));
}

TEST_CASE("an empty state comes back empty") {
    SeriesState const state;
    auto const read = read_state(state_bytes(state, by));
    check_same(state.opening, read.state.opening);
    check_same(state.progress, read.state.progress);
}

TEST_CASE("interrupted anywhere, written, read and gone on with, a scan ends as one that never stopped, bit for bit") {
    constexpr unsigned seed = 26112026;
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 30; ++round) {
        CAPTURE(round);
        std::vector<std::uint64_t> numbers(50);
        std::iota(numbers.begin(), numbers.end(), 0);
        for (std::size_t i = 0; i + 3 < numbers.size(); i += 3) std::swap(numbers[i], numbers[i + random() % 3]);
        std::size_t const stop = 1 + random() % 45, go_on = std::min<std::size_t>(stop + random() % 6, 48);
        std::string const appendix = R"({"name":"glass","grid":[5,10],"monitor":2,"sample":{"transmission":0.5}})";

        auto config = with_checkpoints();
        if (round % 2 == 1) config.max_points = 1 + random() % 20; // then points are windows of several frames
        Bench before(config);
        before.start(1, 50, appendix);
        play_images(before, numbers, 0, stop);
        auto const read = read_state(state_bytes(saved(before), by));

        Bench after(config), whole(config);
        after.processor.resume(read.state);
        play_images(after, numbers, go_on, numbers.size());
        whole.start(1, 50, appendix);
        play_images(whole, numbers, 0, stop);
        play_images(whole, numbers, go_on, numbers.size());
        after.end(1);
        whole.end(1);

        REQUIRE(after.last().state == whole.last().state);
        CHECK(after.last().frames.missing_ranges == whole.last().frames.missing_ranges);
        CHECK(after.last().frames.rejected_by == whole.last().frames.rejected_by);
        CHECK(after.last().pixel_sum->counts == whole.last().pixel_sum->counts);
        CHECK(after.last().pixel_sum->invalid_frames == whole.last().pixel_sum->invalid_frames);
        Reducer one({"small", {}}, after.clock), other({"small", {}}, whole.clock);
        auto const resumed = one(after.last()), truth = other(whole.last());
        CHECK(resumed.curves.pattern.intensity == truth.curves.pattern.intensity);
        CHECK(resumed.curves.pattern.sigma == truth.curves.pattern.sigma);
        CHECK(resumed.curves.pattern.counts == truth.curves.pattern.counts);
        CHECK(resumed.points->number == truth.points->number);
        CHECK(resumed.points->monitor == truth.points->monitor);
        CHECK(resumed.points->bin_counts == truth.points->bin_counts);
        CHECK(resumed.points->frame_numbers == truth.points->frame_numbers);
        REQUIRE(after.last().counts.frames.size() == whole.last().counts.frames.size());
        for (std::size_t i = 0; i < whole.last().counts.frames.size(); ++i)
            CHECK(tied(*after.last().counts.frames[i]) == tied(*whole.last().counts.frames[i]));
        CHECK(resumed.frames.used == truth.frames.used);
    }
}

TEST_CASE("bytes that are cut off or damaged are refused or read as something else, and never more than that") {
    auto const whole = state_bytes(full_state(), by);
    std::size_t refused = 0;
    for (std::size_t length = 0; length < whole.size(); length += 1 + length / 40) {
        auto const cut = std::span(whole).first(length);
        CHECK_THROWS_AS(read_state(cut), DataError);
        ++refused;
    }
    CHECK(refused > 100);
    std::mt19937 random(4);
    for (int i = 0; i < 3000; ++i) {
        auto damaged = whole;
        std::size_t const at = i < 1500 ? random() % std::min<std::size_t>(whole.size(), 1500) : random() % whole.size();
        damaged[at] = static_cast<std::byte>(random());
        try {
            read_state(damaged);
        } catch (DataError const&) {
        }
    }
}

TEST_CASE("a state is of its version: another one is refused, what a later one adds is passed over") {
    auto bytes = state_bytes(full_state(), by);
    bytes.insert(bytes.end(), {std::byte{99}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0},
                               std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{42}});
    check_same(read_state(bytes).state.progress, full_state().progress);
    bytes[0] = std::byte{1};
    CHECK_THROWS_AS(read_state(bytes), DataError);
}

TEST_CASE("what a few bytes say of long lists is refused before memory is taken for it") {
    auto const refused = [](auto value, auto const&... said) {
        ByteWriter out;
        out.each(said...);
        ByteReader in(out.bytes());
        CHECK_THROWS_AS(in(value), DataError);
    };
    std::uint64_t const wild = ~std::uint64_t{0}, bits_of_none = wild - 6; // which would round up to no byte
    std::vector<std::uint8_t> const none, few(9);
    for (std::uint64_t const n : {wild, bits_of_none, std::uint64_t{73}}) {
        refused(std::vector<bool>(), n, none);
        refused(std::vector<bool>(), n, few);
    }
    refused(std::vector<double>(), wild, few);
    refused(std::vector<std::string>(), wild, few);
    refused(FrameList(), wild, few);
    refused(FrameSums(), std::uint64_t{1}, wild, few);
    refused(std::string(), wild, few);
}

TEST_CASE("a pixel mask, which is written in runs, has no more pixels than it may have") {
    auto const opening = full_state().opening;
    auto const pixels = opening.header.pixel_mask->size();
    auto const bytes = opening_bytes(opening, by);
    CHECK(read_opening(bytes, pixels).opening.header.pixel_mask->size() == pixels);
    CHECK_THROWS_AS(read_opening(bytes, pixels - 1), DataError);
}

TEST_CASE("a scan that was begun comes back with all that was said of it, and is no opening") {
    OpenScan const scan{"uid", full_announcement(), "a UUID"};
    auto const bytes = begun_bytes(scan, by);
    auto const read = read_begun(bytes);
    REQUIRE(read);
    CHECK(read->uid == scan.uid);
    CHECK(read->request == scan.request);
    CHECK(tied(read->said) == tied(scan.said));
    CHECK_FALSE(read->kept);
    CHECK_THROWS_AS(read_opening(bytes), DataError);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        auto const cut = std::span(bytes).first(length);
        bool refused = false;
        try {
            refused = !read_begun(cut);
        } catch (DataError const&) {
            refused = true;
        }
        CHECK_MESSAGE(refused, length);
    }
}

TEST_CASE("of scans that did not end the newest comes last, with the newest that is known of each") {
    auto first = full_state(), second = full_state();
    first.opening.scan.uid = "first";
    first.opening.config_id = "another hash";
    second.opening.scan.uid = "second";
    second.opening.started_ns = first.opening.started_ns - 1; // somebody set the clock
    auto said_later = second.opening;
    ++said_later.revision;
    said_later.scan.id = "said later";
    ScanEnd const end{"first", "glass", "command", 7};
    std::vector<InterruptedScan> const scans{{"first", opening_bytes(first.opening, {"0.1.0", ""}), end},
                                             {"older", begun_bytes({"older", {}}, by), {}},
                                             {"nothing", {}, {}},
                                             {"newer", begun_bytes({"newer", full_announcement(), "a UUID"}, by), {}},
                                             {"taken back", begun_bytes({"taken back", {}}, by), ScanEnd{"taken back", "", "abort"}},
                                             {"second", opening_bytes(said_later, by), {}}};
    std::vector<SealedContent> const checkpoints{{9, {}}, {8, state_bytes(second, by)}, {7, state_bytes(full_state(), by)}};
    auto const left = interrupted_series(scans, checkpoints);
    CHECK(left.over == std::vector<std::string>{"nothing", "older", "taken back"});
    REQUIRE(left.begun);
    CHECK(left.begun->uid == "newer");
    REQUIRE(left.series.size() == 2);
    CHECK(left.series[0].ended->frames == 7);
    CHECK_FALSE(left.series[1].ended);
    CHECK(left.series[0].saved.state.opening.scan.uid == "first");
    CHECK(left.series[0].saved.state.opening.config_id == "another hash");
    CHECK(left.series[0].saved.by.config_yaml.empty());
    CHECK(left.series[0].saved.state.progress.counts.empty()); // killed before its first checkpoint
    CHECK(left.series[1].saved.state.opening.scan.id == "said later");
    CHECK(left.series[1].saved.state.progress.counts.size() == 2);
    CHECK(left.series[1].saved.by.config_yaml == by.config_yaml);
}
