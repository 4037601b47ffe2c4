// Real Stream V2 messages, channel by channel, against the checksums that other programs' decoders gave.
#include "detectors/dectris_stream2/decoder.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/unit/detectors/cbor_bytes.hpp"
#include "tests/unit/detectors/recordings.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <algorithm>
#include <set>

using namespace sqd;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view protocol = "dectris_stream2/";

/// The image of a message's channel has the checksum, sentinels, sum and largest count of its row.
void check_channel(test::Message const& message, std::string const& channel, test::Expected const& expected) {
    DecoderOptions options;
    options.channel = channel;
    options.pixels = PixelRule::as_written;
    auto const frame = std::get<Frame>(*make_dectris_stream2(options)->decode(message));
    CHECK(frame.channel == channel);
    CHECK(std::to_string(frame.series.series_id) == expected.series);
    CHECK(std::to_string(frame.number) == expected.frame);
    CHECK(frame.encoding == expected.encoding);
    CHECK(std::to_string(frame.rows) + "x" + std::to_string(frame.cols) == expected.shape);
    CHECK((frame.is_signed ? "int" : "uint") + std::to_string(frame.bits) == expected.dtype);
    CHECK(frame.bytes == message[0].bytes.size());
    auto const image = test::whole_image(*frame.tiles, frame.rows * frame.cols);
    std::uint32_t const sentinel = frame.bits == 32 ? 0xFFFFFFFF : (1u << frame.bits) - 1;
    std::uint64_t sentinels = 0, sum = 0;
    std::uint32_t largest = 0;
    for (auto const pixel : image.pixels) {
        sentinels += pixel == sentinel;
        if (pixel == sentinel) continue;
        sum += pixel;
        largest = std::max(largest, pixel);
    }
    CHECK(std::ranges::count(image.invalid, true) == 0);
    CHECK(std::to_string(sentinels) == expected.sentinels);
    CHECK(std::to_string(sum) == expected.sum);
    CHECK(std::to_string(largest) == expected.max);
    CHECK(test::sha256(test::pixel_bytes(image.pixels, frame.bits / 8)) == expected.sha256);
    CHECK(image.clean_tail);
}

} // namespace

TEST_CASE("every recorded image of every channel decodes to its known pixels") {
    SQD_SHARED_DATA_OR_SKIP(streams, "streams");
    std::size_t rows = 0;
    for (auto const& [item, expected] : test::expected_table(streams / "expected.tsv")) {
        if (!item.starts_with(protocol)) continue;
        auto const& this_item = item;
        CAPTURE(this_item);
        auto const mark = item.find('#');
        auto const channel = item.substr(mark + 1);
        test::Message const message{test::part(test::file_bytes(streams / item.substr(0, mark)))};
        auto const names = channel_names(message[0]);
        CHECK(std::ranges::count(names, channel) == 1);
        check_channel(message, channel, expected);
        ++rows;
    }
    CHECK(rows >= 12);
}

TEST_CASE("every channel of every recorded image is in the table, and the other messages are read, too") {
    SQD_SHARED_DATA_OR_SKIP(streams, "streams");
    auto const table = test::expected_table(streams / "expected.tsv");
    std::set<std::string> series;
    std::size_t ends = 0;
    for (auto const& entry : fs::recursive_directory_iterator(streams / "dectris_stream2")) {
        if (entry.path().extension() != ".cbor") continue;
        CAPTURE(entry.path());
        test::Message const message{test::part(test::file_bytes(entry.path()))};
        auto const names = channel_names(message[0]);
        for (auto const& name : names) CHECK(table.contains(fs::relative(entry.path(), streams).string() + "#" + name));
        if (!names.empty()) continue;
        auto const decoded = make_dectris_stream2({})->decode(message);
        REQUIRE(decoded);
        auto const* const end = std::get_if<SeriesEnd>(&*decoded);
        if (!end) continue;
        CHECK(end->series.series_id == 1);
        CHECK(end->series.unique_id.size() == 26); // a ULID
        series.insert(end->series.unique_id);
        ++ends;
    }
    CHECK(ends >= 3);
    CHECK(series.size() == ends);
}

TEST_CASE("a recorded image says when it was taken, and is refused where no channel is chosen") {
    SQD_SHARED_DATA_OR_SKIP(folder, "streams/dectris_stream2/r500k_bm_bslz4_16bit");
    test::Message const message{test::part(test::file_bytes(folder / "000002.cbor"))};
    DecoderOptions options;
    options.channel = "threshold_2";
    auto const frame = std::get<Frame>(*make_dectris_stream2(options)->decode(message));
    CHECK(frame.series == SeriesKey{1, "01GRXWT80JSDY2FNW8SGCCDZD9"});
    CHECK(frame.start_ns == 20'000'000);
    CHECK(frame.stop_ns == 39'999'900);
    CHECK(frame.real_ns == 19'999'900);
    try {
        make_dectris_stream2({})->decode(message);
        FAIL("no error");
    } catch (DecodeError const& error) {
        CHECK(error.fault() == DecodeFault::unsupported);
        std::string const text = error.what();
        CHECK(text.find("threshold_1, threshold_2, difference") != text.npos);
        CHECK(text.find("source.channel") != text.npos);
    }
}

TEST_CASE("a recorded message cut short is refused, wherever it is cut") {
    SQD_SHARED_DATA_OR_SKIP(folder, "streams/dectris_stream2/r500k_bm_bslz4_8bit");
    auto const whole = test::part(test::file_bytes(folder / "000001.cbor"));
    auto const decoder = make_dectris_stream2({});
    for (std::size_t length = 1; length < whole.bytes.size(); length += length < 2000 ? 1 : 997)
        REQUIRE(test::fault_of([&] {
                    decoder->decode(test::Message{{whole.bytes.first(length), whole.owner}});
                }) == DecodeFault::truncated);
}
