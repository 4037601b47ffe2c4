// The PILATUS shim: headers counted as series, raw and CBF images.
#include "detectors/pilatus_stream/decoder.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace sqd;

namespace {

using Message = std::vector<MessagePart>;

std::vector<std::int32_t> const six{0, 70000, -1, 3, -2, 255};

Message header() {
    return {test::part(R"({"htype": "header","filename": "/ramdisk/vit4_00000.cbf"})")};
}

Message image(std::string const& compression, test::Bytes const& blob) {
    return {test::part(R"({"htype": "image","frame": 4,"shape": [2,3],"type": "int32","compression": ")" + compression + "\"}"),
            test::part(blob)};
}

test::Bytes raw_pixels() {
    return test::pixel_bytes({six.begin(), six.end()}, 4);
}

test::Bytes file() {
    auto const packed = test::byte_offset(six);
    auto header_text = test::cbf_header(2, 3, packed);
    header_text.replace(header_text.find("Count_cutoff 1000"), 17, "Count_cutoff 99999");
    return test::cbf_file(header_text, packed);
}

DecodeFault fault_of(Message const& message) {
    try {
        make_pilatus_stream({})->decode(message);
    } catch (DecodeError const& error) {
        return error.fault();
    }
    FAIL("no error");
    return {};
}

} // namespace

TEST_CASE("series are counted by their headers, and images and ends belong to the last one") {
    auto const decoder = make_pilatus_stream({});
    Message const end{test::part(R"({"htype": "series_end"})")};
    CHECK(std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id == 0);
    for (std::uint64_t series = 1; series <= 3; ++series) {
        auto const start = std::get<SeriesStart>(*decoder->decode(header()));
        CHECK(start.series == SeriesKey{series, ""});
        CHECK(start.appendix == "/ramdisk/vit4_00000.cbf");
        CHECK(std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id == series);
        auto const ended = std::get<SeriesEnd>(*decoder->decode(end));
        CHECK(ended.series.series_id == series);
        CHECK_FALSE(ended.any_series);
    }
}

TEST_CASE("an image after the end of a series opens the next one, though its header is lost or damaged") {
    auto const decoder = make_pilatus_stream({});
    auto const series_of_image = [&] { return std::get<Frame>(*decoder->decode(image("", raw_pixels()))).series.series_id; };
    decoder->decode(header());
    CHECK(series_of_image() == 1);
    decoder->decode(Message{test::part(R"({"htype": "series_end"})")});
    CHECK(series_of_image() == 2);
    CHECK(series_of_image() == 2);
    CHECK_THROWS_AS(decoder->decode(Message{test::part(R"({"htype": "header","filename": 5})")}), DecodeError);
    CHECK(series_of_image() == 3);
}

TEST_CASE("a CBF image says its exposure, in seconds") {
    auto const exposure_of = [](std::string const& line) {
        auto const packed = test::byte_offset(six);
        auto text = test::cbf_header(2, 3, packed);
        text.insert(text.find("# Count_cutoff"), line);
        return std::get<Frame>(*make_pilatus_stream({})->decode(image("cbf", test::cbf_file(text, packed)))).exposure_s;
    };
    CHECK(exposure_of("# Exposure_time 0.0990000 s\r\n") == 0.099);
    CHECK_FALSE(exposure_of(""));
    CHECK_FALSE(exposure_of("# Exposure_time nan s\r\n"));
    CHECK_FALSE(exposure_of("# Exposure_time 0 s\r\n"));
    CHECK_FALSE(std::get<Frame>(*make_pilatus_stream({})->decode(image("", raw_pixels()))).exposure_s);
}

TEST_CASE("raw and CBF images give the same frame, negative pixels invalid") {
    auto const decoder = make_pilatus_stream({});
    for (auto const& message : {image("", raw_pixels()), image("none", raw_pixels()), image("cbf", file())}) {
        auto const frame = std::get<Frame>(*decoder->decode(message));
        CHECK(frame.number == 4);
        CHECK(frame.rows == 2);
        CHECK(frame.cols == 3);
        CHECK(frame.bits == 32);
        auto const whole = test::whole_image(*frame.tiles, 6);
        CHECK(whole.pixels == std::vector<std::uint32_t>{0, 70000, 0, 3, 0, 255});
        CHECK(whole.invalid == std::vector<bool>{false, false, true, false, true, false});
        CHECK(whole.clean_tail);
    }
}

TEST_CASE("what the shim never sends is refused by name") {
    CHECK(fault_of({test::part("{}")}) == DecodeFault::malformed);
    CHECK(fault_of({test::part("STOP")}) == DecodeFault::malformed);
    CHECK(fault_of({test::part(R"({"htype":"image","x":)" + std::string(100, '[') + std::string(100, ']') + "}")}) ==
          DecodeFault::malformed);
    CHECK(fault_of({test::part(R"({"htype":"dheader-1.0","series":1})")}) == DecodeFault::unsupported);
    CHECK(fault_of({image("", raw_pixels())[0]}) == DecodeFault::malformed);
    CHECK(fault_of(image("bslz4", raw_pixels())) == DecodeFault::unsupported);
    auto frame = image("", test::Bytes(20));
    CHECK_THROWS_AS(std::get<Frame>(*make_pilatus_stream({})->decode(frame)).tiles->prepare(), DecodeError);
}

TEST_CASE("ten thousand injured messages of the shim are read or refused") {
    std::mt19937 random(20260102);
    auto const decoder = make_pilatus_stream({});
    Message const sound[] = {header(), image("", raw_pixels()), image("cbf", file())};
    int read = 0, refused = 0;
    for (int i = 0; i < 10000; ++i) {
        auto message = sound[random() % std::size(sound)];
        auto& part = message[random() % message.size()];
        test::Bytes bytes(part.bytes.begin(), part.bytes.end());
        if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
        for (int n = 0; n < 2 && !bytes.empty(); ++n)
            bytes[random() % std::min<std::size_t>(bytes.size(), 1200)] = static_cast<std::byte>(random() & 0xFF);
        part = test::part(std::move(bytes));
        try {
            auto const decoded = decoder->decode(message);
            if (decoded && std::holds_alternative<Frame>(*decoded)) {
                auto const& frame = std::get<Frame>(*decoded);
                if (frame.rows * frame.cols < 100000) test::whole_image(*frame.tiles, frame.rows * frame.cols);
            }
            ++read;
        } catch (DecodeError const&) {
            ++refused;
        }
    }
    CHECK(read > 500);
    CHECK(refused > 3000);
}
