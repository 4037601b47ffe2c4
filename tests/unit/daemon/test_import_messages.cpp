#include "daemon/import/file_series.hpp"
#include "daemon/import/message_series.hpp"
#include "daemon/run/source_hint.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/detectors/stream1_messages.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::test;

namespace {

namespace fs = std::filesystem;

void write_bytes(fs::path const& path, std::span<std::byte const> bytes) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void write_message(fs::path const& folder, int number, Message const& message) {
    for (std::size_t k = 0; k < message.size(); ++k) {
        std::ostringstream name;
        name << 'm' << number << "_p" << k << ".bin";
        write_bytes(folder / name.str(), message[k].bytes);
    }
}

/// A series of two images whose second pixel is above the cutoff.
void write_series(fs::path const& folder) {
    auto const blob = pixel_bytes({1, 3'000'000, 3, 4, 5, 0xFFFFFFFF}, 4);
    write_message(folder, 9, stream1_header_all(4));
    write_message(folder, 10, stream1_image(4, 0, "<", "uint32", blob));
    write_message(folder, 11, stream1_image(4, 1, "<", "uint32", blob));
    write_message(folder, 12, {part(R"({"htype":"dseries_end-1.0","series":4})")});
}

std::vector<FileEvent> events_of(std::vector<fs::path> const& paths, FileOptions const& options = {}) {
    auto const series = open_file_series(paths, options);
    std::vector<FileEvent> events;
    while (auto event = series.next()) events.push_back(std::move(*event));
    CHECK_FALSE(series.next()); // and stays so
    return events;
}

template <class T>
T const& as(FileEvent const& event) {
    REQUIRE(std::holds_alternative<T>(event.says));
    return std::get<T>(event.says);
}

std::uint64_t invalid_bits(Frame const& frame) {
    PixelScratch scratch;
    frame.tiles->prepare(scratch);
    Tile tile;
    frame.tiles->read(0, tile);
    return tile.invalid[0];
}

RecordedMessage message_of(std::string_view first_part) {
    return {"m", {part(first_part)}, std::nullopt};
}

} // namespace

TEST_CASE("recorded messages are what their decoder says of them, in the order of their numbers") {
    TemporaryDirectory const directory;
    write_series(directory.path());
    auto const events = events_of({directory.path()});
    REQUIRE(events.size() == 4);
    CHECK(as<SeriesStart>(events[0]).count_time_s == 0.0199);
    CHECK(as<Frame>(events[2]).number == 1);
    CHECK(events[1].item == (directory.path() / "m10").string());
    CHECK(invalid_bits(as<Frame>(events[1])) == 0b100010); // the header's cutoff holds for the images after it
    CHECK(as<SeriesEnd>(events[3]).series.series_id == 4);
}

TEST_CASE("pixels are as written where that is asked for, and an exposure given is the one told") {
    TemporaryDirectory const directory;
    write_series(directory.path());
    FileOptions options;
    options.decoder.pixels = PixelRule::as_written;
    options.exposure_s = 2.5;
    auto const events = events_of({directory.path()}, options);
    REQUIRE(events.size() == 4);
    CHECK(as<SeriesStart>(events[0]).count_time_s == 2.5);
    CHECK(as<Frame>(events[1]).exposure_s == 2.5);
    CHECK(invalid_bits(as<Frame>(events[1])) == 0);
}

TEST_CASE("a message that cannot be read is told under its name, and the next one is read") {
    TemporaryDirectory const directory;
    write_series(directory.path());
    fs::remove(directory.path() / "m10_p1.bin");
    write_bytes(directory.path() / "m11_p1.bin", std::as_bytes(std::span("{", 1)));
    auto const events = events_of({directory.path()});
    REQUIRE(events.size() == 4);
    CHECK(as<UnreadItem>(events[1]).fault == DecodeFault::truncated);
    CHECK(as<UnreadItem>(events[2]).fault == DecodeFault::malformed);
    CHECK(events[2].item == (directory.path() / "m11").string());
    as<SeriesEnd>(events[3]);
}

TEST_CASE("part files may be named one by one; a missing one is no series at all") {
    TemporaryDirectory const directory;
    write_series(directory.path());
    std::vector<fs::path> parts;
    for (int k = 0; k < 4; ++k) parts.push_back(directory.path() / ("m10_p" + std::to_string(k) + ".bin"));
    auto const events = events_of(parts);
    REQUIRE(events.size() == 1);
    CHECK(as<Frame>(events[0]).number == 0);
    parts.push_back(directory.path() / "m13_p0.bin");
    CHECK_THROWS_AS(open_file_series(parts, {}), IoError);
}

TEST_CASE("limits hold for parts and their number") {
    TemporaryDirectory const directory;
    Message many(11, part("{}"));
    write_message(directory.path(), 0, many);
    write_message(directory.path(), 1, {part(std::string(5000, ' '))});
    FileOptions options;
    options.decoder.limits.max_image_bytes = options.decoder.limits.max_json_bytes = 1000;
    auto const events = events_of({directory.path()}, options);
    REQUIRE(events.size() == 2);
    CHECK(as<UnreadItem>(events[0]).fault == DecodeFault::oversized);
    CHECK(as<UnreadItem>(events[1]).fault == DecodeFault::oversized);
}

TEST_CASE("a message of another protocol is told by its name, anything else by what is configured") {
    auto const hint = [](std::string const& text) { return hint_of(message_of(text).parts, "dectris_stream1"); };
    CHECK(
        hint("\xD9\xD9\xF7\xA0") ==
        " (it looks like dectris_stream2, source.kind is dectris_stream1) set source.kind to dectris_stream2, or the detector's stream to "
        "dectris_stream1");
    for (char const* text : {"rubbish", "", "{}", R"({"htype":"dheader-1.0"})"})
        CHECK(hint(text) == " (source.kind is dectris_stream1) look what is connected there and which stream it sends");
    CHECK(hint_of({}, "array_stream").find("array_stream") != std::string::npos);
}

TEST_CASE("the protocol is told by the first part") {
    auto const parts_of = [](std::string const& text) { return message_of(text).parts; };
    CHECK(protocol_of(parts_of(R"({"htype":"dheader-1.0"})")) == "dectris_stream1");
    CHECK(protocol_of(parts_of(R"({"htype":"dimage-1.0"})")) == "dectris_stream1");
    CHECK(protocol_of(parts_of(R"({"htype":"series_end"})")) == "pilatus_stream");
    CHECK(protocol_of(parts_of(R"({"htype":["array-1.0"]})")) == "array_stream");
    CHECK(protocol_of(parts_of(R"({"htype":"pilatus-1.0"})")) == "array_stream");
    CHECK(protocol_of(parts_of("\xD9\xD9\xF7\xA0")) == "dectris_stream2");
    CHECK(protocol_of(parts_of("\xA1\x64type\x63"
                               "end")) == "dectris_stream2");
    CHECK(protocol_of(parts_of(R"({"htype":"bsr_m-1.1"})")).empty());
    CHECK(protocol_of(parts_of("{}")).empty());
    CHECK(protocol_of(parts_of("")).empty());
    CHECK_THROWS_AS(protocol_of(parts_of("rubbish")), DecodeError);
    CHECK_THROWS_AS(open_file_series({"."}, {}), DataError);
}

TEST_CASE("what comes before a message that tells the protocol is unread, and a stated kind is taken") {
    TemporaryDirectory const directory;
    write_message(directory.path(), 1, {part("rubbish")});
    write_series(directory.path());
    CHECK(events_of({directory.path()}).size() == 5);
    FileOptions options;
    options.kind = "pilatus_stream";
    for (auto const& event : events_of({directory.path()}, options)) as<UnreadItem>(event);
    options.kind = "no_such";
    CHECK_THROWS_AS(open_file_series({directory.path()}, options), ConfigError);
}

TEST_CASE("sequences of messages hold lists of parts or events with streams") {
    TemporaryDirectory const directory;
    std::string const header = R"({"htype":"header","filename":"run"})", end = R"({"htype":"series_end"})";
    auto const bytes = [](std::string const& text) { return std::string("\x58") + static_cast<char>(text.size()) + text; };
    std::string const list = "\x81" + bytes(header);
    std::string const event = std::string("\xD9\xD9\xF7\xD9\xA7\x7D\x82\x07\xA1\x63xrd\xD9\xA7\x7E\x82\x65STINS\x81") + bytes(end);
    auto const file = directory.path() / "run.cbors";
    std::ofstream(file, std::ios::binary) << list << event;
    auto const events = events_of({file});
    REQUIRE(events.size() == 2);
    as<SeriesStart>(events[0]);
    as<SeriesEnd>(events[1]);
    CHECK(events[0].item == file.string() + "#0");
    CHECK(events[1].item == file.string() + "#1 xrd");

    std::string const whole = list + event;
    for (std::size_t n = 1; n < whole.size(); ++n) {
        std::ofstream(file, std::ios::binary) << whole.substr(0, n);
        auto const cut = events_of({file});
        REQUIRE(!cut.empty());
        if (n != list.size()) CHECK(as<UnreadItem>(cut.back()).fault == DecodeFault::truncated);
    }
    std::ofstream(file, std::ios::binary) << list << '\xFF' << event;
    auto const torn = events_of({file});
    REQUIRE(torn.size() == 2); // where an item begins cannot be told any more
    CHECK(as<UnreadItem>(torn[1]).fault == DecodeFault::malformed);
}
