// PSI's arrays and files: dialects, shape orders, and series that nobody names.
#include "detectors/array_stream/decoder.hpp"
#include "detectors/array_stream/image.hpp"
#include "detectors/simulated/array_messages.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/unit/detectors/injured_messages.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/simulated_messages.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::simulated;
using test::received;

namespace {

using Received = std::vector<MessagePart>;

std::vector<std::uint32_t> const six{0, 70000, 1, 3, 2, 255};

Frame frame_of(Decoder& decoder, Received const& message) {
    auto const decoded = decoder.decode(message);
    REQUIRE(decoded);
    return std::get<Frame>(*decoded);
}

Frame frame_of(Received const& message, DecoderOptions const& options = {}) {
    return frame_of(*make_array_stream(options), message);
}

DecodeError error_of(Received const& message, DecoderOptions const& options = {}) {
    try {
        make_array_stream(options)->decode(message);
    } catch (DecodeError const& error) {
        return error;
    }
    FAIL("no error");
    return {DecodeFault::malformed, ""};
}

bool says(DecodeError const& error, DecodeFault fault, std::string const& text) {
    CAPTURE(std::string(error.what()));
    return error.fault() == fault && std::string(error.what()).find(text) != std::string::npos;
}

Message six_as(ArrayDialect const& dialect = {}) {
    return array_message(7, 2, 3, "uint32", test::pixel_bytes(six, 4), dialect);
}

DecoderOptions detector(std::size_t rows, std::size_t cols) {
    DecoderOptions options;
    options.rows = rows;
    options.cols = cols;
    return options;
}

Part cbf(std::vector<std::int32_t> const& pixels) {
    CbfHeader header;
    header.detector = "PILATUS 100K";
    header.exposure_s = 0.5;
    header.count_cutoff = 1000;
    return write_cbf(header, 2, 3, pixels);
}

/// A header as text, with six uint8 pixels.
Received with_header(std::string const& header) {
    return {test::part(header), test::part(test::Bytes(6))};
}

} // namespace

TEST_CASE("an array is a frame, in every type that counts") {
    auto const frame = frame_of(received(six_as()));
    CHECK(frame.number == 7);
    CHECK(frame.rows == 2);
    CHECK(frame.cols == 3);
    CHECK(frame.encoding == "none");
    CHECK(frame.series.series_id == 1);
    CHECK_FALSE(frame.series_named);
    CHECK_FALSE(frame.has_starts);
    CHECK_FALSE(frame.start_ns);
    CHECK(test::pixels_of(*frame.tiles, 6) == six);
    for (std::string const type : {"int8", "uint8", "int16", "uint16", "int32", "uint32"}) {
        unsigned const bytes = type.ends_with("8") ? 1 : type.ends_with("16") ? 2 : 4;
        auto const one = frame_of(received(array_message(0, 1, 2, type, test::pixel_bytes({5, 0xFFFFFFFF}, bytes))));
        CAPTURE(type);
        CHECK(one.bits == 8 * bytes);
        CHECK(one.is_signed == type.starts_with("int"));
        CHECK(test::pixels_of(*one.tiles, 2) == std::vector<std::uint32_t>{5, 0xFFFFFFFF}); // -1, or all ones: no count
    }
}

TEST_CASE("whatever senders add or misspell does not matter") {
    for (auto const& dialect : {ArrayDialect{true, false, false, "", {}}, ArrayDialect{false, true, false, "endianness", {}},
                                ArrayDialect{false, false, true, "endianess", {}}, ArrayDialect{true, true, true, "", 1.5}}) {
        auto const frame = frame_of(received(six_as(dialect)), detector(2, 3));
        CHECK(frame.rows == 2);
        CHECK(frame.cols == 3);
        CHECK(test::pixels_of(*frame.tiles, 6) == six);
    }
}

TEST_CASE("areaDetector's time stamp is the start of the frame") {
    ArrayDialect dialect;
    dialect.timestamp_s = 1000.25;
    CHECK(frame_of(received(six_as(dialect))).start_ns == 1000250000000);
    dialect.timestamp_s = 1e30;
    CHECK_FALSE(frame_of(received(six_as(dialect))).start_ns);
    dialect.timestamp_s = -1;
    CHECK_FALSE(frame_of(received(six_as(dialect))).start_ns);
}

TEST_CASE("the order of a shape is the one that fits the detector, and pixels lie row by row in any case") {
    using array_stream::array_shape, array_stream::ArrayShape;
    auto const eiger = detector(2167, 2070);
    CHECK(array_shape({2167, 2070}, false, eiger) == ArrayShape{2167, 2070});
    CHECK(array_shape({2070, 2167}, false, eiger) == ArrayShape{2167, 2070});
    CHECK(array_shape({2167, 2070}, true, eiger) == ArrayShape{2167, 2070});
    CHECK(array_shape({1, 1, 2070, 2167}, false, eiger) == ArrayShape{2167, 2070});
    CHECK_THROWS_AS(array_shape({2, 2167, 2070}, false, eiger), DecodeError);
}

TEST_CASE("where the detector is not known, a shape is rows and columns, and the other way in the old plugin's messages") {
    CHECK(frame_of(received(six_as())).rows == 2);
    ArrayDialect old;
    old.htype_in_list = old.width_first = true;
    CHECK(frame_of(received(six_as(old))).rows == 2);
    CHECK(frame_of(received(six_as(old))).cols == 3);
}

TEST_CASE("a shape that does not fit the detector either way is refused with both shapes and the sister model") {
    auto const error = error_of(received(array_message(0, 1065, 1030, "uint8", Part(1065 * 1030))), detector(1062, 1028));
    CHECK(says(error, DecodeFault::mismatch, "1065 x 1030"));
    CHECK(says(error, DecodeFault::mismatch, "shape of Eiger1M"));
    CHECK(says(error, DecodeFault::mismatch, "1062 x 1028"));
}

TEST_CASE("series are told by frame numbers that begin anew") {
    auto const decoder = make_array_stream({});
    auto const series_of = [&](std::uint64_t frame) {
        return frame_of(*decoder, received(array_message(frame, 1, 1, "uint8", Part(1)))).series.series_id;
    };
    for (std::uint64_t const frame : {1u, 0u, 2u, 2u, 5u}) CHECK(series_of(frame) == 1);
    CHECK(series_of(0) == 2);
    CHECK(series_of(100) == 2);
    CHECK(series_of(3) == 3);
}

TEST_CASE("a first number that comes again is the next series of one image, unless its pixels are the same") {
    auto const decoder = make_array_stream({});
    auto const series_of = [&](int pixel) {
        return frame_of(*decoder, received(array_message(4, 1, 1, "uint8", Part(1, std::byte(pixel))))).series.series_id;
    };
    CHECK(series_of(1) == 1);
    CHECK(series_of(1) == 1);
    CHECK(series_of(2) == 2);
    CHECK(series_of(1) == 3);
}

TEST_CASE("STOP ends what runs, and what comes after it is the next series") {
    auto const decoder = make_array_stream({});
    CHECK_FALSE(decoder->decode(received(stop_message())));
    CHECK(frame_of(*decoder, received(six_as())).series.series_id == 1);
    auto const end = std::get<SeriesEnd>(*decoder->decode(received(stop_message())));
    CHECK(end.series.series_id == 1);
    CHECK(end.any_series);
    CHECK_FALSE(decoder->decode(received(stop_message())));
    CHECK(frame_of(*decoder, received(array_message(8, 1, 1, "uint8", Part(1)))).series.series_id == 2);
}

TEST_CASE("a file is a frame: its shape from its header, its number and series from its name") {
    auto const decoder = make_array_stream({});
    auto const file = cbf({1, -1, 3, -2, 5, 2000});
    auto const frame = frame_of(*decoder, received(pilatus1_message("vit4_00012.cbf", "/ramdisk", file)));
    CHECK(frame.number == 12);
    CHECK(frame.rows == 2);
    CHECK(frame.cols == 3);
    CHECK(frame.encoding == "cbf");
    CHECK(frame.series.series_id == 1);
    CHECK_FALSE(frame.series_named);
    CHECK(frame.exposure_s == 0.5);
    REQUIRE(frame.about);
    CHECK(frame.about->description == "PILATUS 100K");
    CHECK(test::pixels_of(*frame.tiles, 6) == std::vector<std::uint32_t>{1, 0xFFFFFFFF, 3, 0xFFFFFFFF, 5, 0xFFFFFFFF});

    auto const series_of = [&](std::string const& name, std::string const& path) {
        return frame_of(*decoder, received(pilatus1_message(name, path, file))).series.series_id;
    };
    CHECK(series_of("vit4_00013.cbf", "/ramdisk") == 1);
    CHECK(series_of("vit4_00012.cbf", "/ramdisk") == 1); // the same file
    auto const other = cbf({1, 2, 3, 4, 5, 6});
    CHECK(frame_of(*decoder, received(pilatus1_message("vit4_00012.cbf", "/ramdisk", other))).series.series_id == 2); // commanded again
    CHECK(series_of("air_00000.cbf", "/ramdisk") == 3);
    CHECK(series_of("air_00001.cbf", "/other") == 4);
    CHECK(series_of("air_00002", "/other") == 4); // some leave the extension out
    CHECK(series_of("single.cbf", "/other") == 5);
}

TEST_CASE("files of one name have a mark that those of no other name have; arrays have none") {
    auto const file = cbf({1, 2, 3, 4, 5, 6});
    auto const mark_of = [&](std::string const& name, std::string const& path) { // as another start of the program sees it
        return frame_of(*make_array_stream({}), received(pilatus1_message(name, path, file))).mark;
    };
    auto const mark = mark_of("vit4_00012.cbf", "/ramdisk");
    CHECK_FALSE(mark.empty());
    CHECK(mark_of("vit4_00400.cbf", "/ramdisk") == mark);
    CHECK(mark_of("vit4_00012.cbf", "/other") != mark);
    CHECK(mark_of("vit_00012.cbf", "/ramdisk") != mark);
    CHECK(frame_of(*make_array_stream({}), received(six_as())).mark.empty());
}

TEST_CASE("what is not read is refused by its name") {
    auto const json = [](std::string const& keys) { return with_header("{" + keys + "}"); };
    std::string const rest = R"("shape":[2,3],"frame":1)", sound = R"("htype":"array-1.0","type":"uint8",)" + rest;
    CHECK(frame_of(json(sound)).rows == 2);
    for (std::string const type : {"int64", "uint64", "float16", "float32", "float64"})
        CHECK(says(error_of(json(R"("htype":"array-1.0","type":")" + type + "\"," + rest)), DecodeFault::unsupported, type));
    CHECK(says(error_of(json(R"("htype":"chunk-1.0","type":"uint8",)" + rest)), DecodeFault::unsupported, "chunk-1.0' (deprecated)"));
    CHECK(says(error_of(json(R"("htype":"dimage-1.0",)" + rest)), DecodeFault::unsupported, "dimage-1.0"));
    CHECK(says(error_of(json(R"("htype":["array-1.0","x"],)" + rest)), DecodeFault::malformed, "htype"));
    CHECK(says(error_of(json(R"("encoding":"blosc",)" + sound)), DecodeFault::unsupported, "blosc"));
    CHECK(says(error_of(json(R"("endianness":"big",)" + sound)), DecodeFault::unsupported, "big byte order"));
    CHECK(says(error_of(json(R"("endianess":"big",)" + sound)), DecodeFault::unsupported, "big byte order"));
    CHECK(says(error_of(json(R"("htype":"array-1.0","type":"uint8","shape":[2,3])")), DecodeFault::malformed, "frame"));
    CHECK(says(error_of(json(R"("htype":"array-1.0","type":"uint8","frame":1)")), DecodeFault::malformed, "shape"));
    CHECK(says(error_of({json(sound)[0]}), DecodeFault::malformed, "1 parts"));
    CHECK(says(error_of({test::part("STOPPED")}), DecodeFault::malformed, "JSON"));
    CHECK(says(error_of(json(R"("htype":"pilatus-1.0","filename":"","path":"")")), DecodeFault::malformed, "file name"));
    CHECK(says(error_of(json(R"("htype":"pilatus-1.0","filename":"a_00000.cbf")")), DecodeFault::truncated, "CBF"));
    CHECK_FALSE(make_array_stream({})->decode(Received{}));
    CHECK_FALSE(make_array_stream({})->decode(Received{test::part("")}));
}

TEST_CASE("shapes beyond the limits are refused before memory is asked for") {
    auto const of_shape = [](std::string const& shape) {
        return with_header(R"({"htype":"array-1.0","type":"uint8","frame":1,"shape":)" + shape + "}");
    };
    CHECK(error_of(of_shape("[2147483648,2147483648]")).fault() == DecodeFault::oversized);
    CHECK(error_of(of_shape("[0,3]")).fault() == DecodeFault::malformed);
    CHECK(error_of(of_shape("[6]")).fault() == DecodeFault::malformed);
    CHECK(error_of(of_shape("[2,2,3]")).fault() == DecodeFault::unsupported);
    DecoderOptions small;
    small.limits.max_pixels = 5;
    CHECK(error_of(received(pilatus1_message("a_00000.cbf", "", cbf({1, 2, 3, 4, 5, 6}))), small).fault() == DecodeFault::oversized);
}

TEST_CASE("ten thousand injured messages are read or refused") {
    auto const decoder = make_array_stream(detector(2, 3));
    std::vector<Received> const sound{received(six_as()), received(six_as({true, true, true, "endianess", 3.0})), received(stop_message()),
                                      received(pilatus1_message("a_00001.cbf", "/ramdisk", cbf({1, 2, 3, 4, 5, 6})))};
    auto const injured = test::decode_injured(*decoder, sound, 20260104, 10000);
    CHECK(injured.read > 500);
    CHECK(injured.refused > 3000);
}
