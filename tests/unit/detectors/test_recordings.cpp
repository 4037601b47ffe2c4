// Real messages of real detectors, against the checksums that other programs' decoders gave.
#include "detectors/codec/cbf.hpp"
#include "detectors/models.hpp"
#include "detectors/registry.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/recordings.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace sqd;
using test::expected_table;
using test::Message;
using test::messages_of;
using test::unzipped;
namespace fs = std::filesystem;

namespace {

/// Every image of a Stream V1 recording has the checksum, sentinels and sum of the table. In these recordings an invalid pixel is always
/// all-ones: if another value were taken for invalid, the checksum would not come out.
std::size_t check_recording(fs::path const& streams, std::string const& name) {
    auto const table = expected_table(streams / "expected.tsv");
    auto const decoder = make_decoder("dectris_stream1", {});
    std::size_t images = 0;
    for (auto const& [message_name, message] : messages_of(streams / name)) {
        auto const decoded = decoder->decode(message);
        REQUIRE(decoded);
        if (!std::holds_alternative<Frame>(*decoded)) continue;
        auto const& frame = std::get<Frame>(*decoded);
        auto const& this_message_name = message_name;
        CAPTURE(this_message_name);
        auto const& expected = table.at(name + "/" + message_name);
        CHECK(std::to_string(frame.series.series_id) == expected.series);
        CHECK(std::to_string(frame.number) == expected.frame);
        CHECK(std::to_string(frame.rows) + "x" + std::to_string(frame.cols) == expected.shape);
        auto image = test::whole_image(*frame.tiles, frame.rows * frame.cols);
        std::uint64_t sentinels = 0, sum = 0;
        for (std::size_t i = 0; i < image.pixels.size(); ++i) {
            sum += image.pixels[i];
            sentinels += image.invalid[i];
            if (image.invalid[i]) image.pixels[i] = 0xFFFFFFFF;
        }
        CHECK(std::to_string(sentinels) == expected.sentinels);
        CHECK(std::to_string(sum) == expected.sum);
        CHECK(test::sha256(test::pixel_bytes(image.pixels, 4)) == expected.sha256);
        CHECK(image.clean_tail);
        ++images;
    }
    return images;
}

} // namespace

TEST_CASE("an EIGER1 1M recording in bslz4 decodes to its known images") {
    SQD_SHARED_DATA_OR_SKIP(streams, "streams");
    CHECK(check_recording(streams, "maxiv_v1") == 9);
}

TEST_CASE("an EIGER2 1M recording of two series in bare LZ4 decodes to its known images") {
    SQD_SHARED_DATA_OR_SKIP(streams, "streams");
    CHECK(check_recording(streams, "grimm_v1_lz4") == 20);
}

TEST_CASE("the header of the EIGER1 1M recording says what the detector was") {
    SQD_SHARED_DATA_OR_SKIP(folder, "streams/maxiv_v1");
    auto const decoder = make_decoder("dectris_stream1", {});
    auto const start = std::get<SeriesStart>(*decoder->decode(messages_of(folder).at("m0000")));
    CHECK(start.series.series_id == 14);
    CHECK(*start.energy_keV == doctest::Approx(8.0));
    CHECK(*start.threshold_keV == doctest::Approx(4.0));
    CHECK(start.saturation == 2943293);
    CHECK(start.images_expected == 100000);
    CHECK(start.appendix == R"({"filename": "", "rotate": 0})");
    REQUIRE(start.pixel_mask);
    std::size_t gaps = 0, masked = 0;
    for (auto const bits : *start.pixel_mask) {
        gaps += bits == 1;
        masked += bits != 0;
    }
    CHECK(gaps == 38110);
    CHECK(masked == 38129); // the header's number_of_excluded_pixels
    auto const* const model = find_detector("Eiger1M");
    CHECK(start.description.find(model->description) != std::string::npos);
    auto const mask = gap_mask(*model);
    for (std::size_t i = 0; i < mask.size(); ++i)
        REQUIRE((mask.pixels[i] != 0) == ((*start.pixel_mask)[i] == 1)); // gaps are where the model has them
}

TEST_CASE("a recording with truncated blobs is refused message by message, and its series still ends") {
    SQD_SHARED_DATA_OR_SKIP(folder, "streams/dranspose/eiger-small");
    auto const decoder = make_decoder("dectris_stream1", {});
    auto const messages = messages_of(folder);
    REQUIRE(messages.size() == 5);
    for (auto const& [name, message] : messages) {
        auto const& this_name = name;
        CAPTURE(this_name);
        if (name == "m0004") {
            CHECK(std::get<SeriesEnd>(*decoder->decode(message)).series.series_id == 6);
            continue;
        }
        try {
            decoder->decode(message);
            FAIL("no error");
        } catch (DecodeError const& error) {
            CHECK(error.fault() == DecodeFault::truncated); // the header for its mask
        }
    }
}

TEST_CASE("the images of the truncated recording are truncated for the codec, too") {
    SQD_SHARED_DATA_OR_SKIP(folder, "streams/dranspose/eiger-small");
    auto message = messages_of(folder).at("m0001");
    message[1] = test::part(R"({"encoding":"bs32-lz4<","htype":"dimage_d-1.0","shape":[3108,3262],"size":20000,"type":"uint32"})");
    auto const frame = std::get<Frame>(*make_decoder("dectris_stream1", {})->decode(message));
    PixelScratch scratch;
    try {
        frame.tiles->prepare(scratch);
        FAIL("no error");
    } catch (DecodeError const& error) {
        CHECK(error.fault() == DecodeFault::truncated);
    }
}

TEST_CASE("a PILATUS3 6M file decodes to its known image, alone and through the shim's message") {
    SQD_SHARED_DATA_OR_SKIP(streams, "streams");
    auto const expected = expected_table(streams / "expected.tsv").at("cbf/DLS_I03_smargon_0001.cbf.gz");
    auto const file = test::part(unzipped(streams / "cbf" / "DLS_I03_smargon_0001.cbf.gz"));
    auto const parsed = parse_cbf(file.bytes);
    CHECK(parsed.rows == 2527);
    CHECK(parsed.cols == 2463);
    CHECK(parsed.count_cutoff == 91795);
    std::vector<std::uint32_t> pixels(parsed.rows * parsed.cols);
    decode_byte_offset(parsed.packed, pixels);
    CHECK("see sha24 " + test::sha256(test::pixel_bytes(pixels, 4)).substr(0, 24) == expected.sha256); // the table has the first 24 digits

    auto const decoder = make_decoder("pilatus_stream", {});
    auto const frame = std::get<Frame>(*decoder->decode(
        Message{test::part(R"({"htype": "image","frame": 1,"shape": [2527,2463],"type": "int32","compression": "cbf"})"), file}));
    auto const image = test::whole_image(*frame.tiles, pixels.size());
    std::uint64_t sum = 0, invalid = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        REQUIRE(image.invalid[i] == (pixels[i] >= 0xFFFFFFFE)); // -1 and -2, and nothing else
        REQUIRE(image.pixels[i] == (image.invalid[i] ? 0 : pixels[i]));
        sum += image.pixels[i];
        invalid += image.invalid[i];
    }
    CHECK(expected.sum == std::to_string(sum) + " (sum of >=0)");
    CHECK(invalid == 526101 + 1213); // gaps and dead pixels, as the table counts them
    CHECK(invalid >= masked_pixels(gap_mask(*find_detector("Pilatus6M"))));
}
