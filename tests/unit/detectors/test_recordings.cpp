// Real messages of real detectors, against the checksums that other programs' decoders gave.
#include "detectors/codec/cbf.hpp"
#include "detectors/models.hpp"
#include "detectors/registry.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/whole_image.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <sstream>

using namespace sqd;
namespace fs = std::filesystem;

namespace {

using Message = std::vector<MessagePart>;

test::Bytes file_bytes(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

test::Bytes unzipped(fs::path const& path) {
    test::Bytes bytes;
    gzFile const file = gzopen(path.c_str(), "rb");
    REQUIRE(file);
    std::array<std::byte, 65536> buffer;
    for (int n; (n = gzread(file, buffer.data(), sizeof buffer)) > 0;) bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + n);
    gzclose(file);
    return bytes;
}

/// The messages of a folder in order: mNNNN_pK.bin is part K of message NNNN.
std::map<std::string, Message> messages_of(fs::path const& folder) {
    std::map<std::string, Message> messages;
    for (int n = 0;; ++n) {
        std::ostringstream name;
        name << 'm' << std::string(n < 10 ? 3 : n < 100 ? 2 : 1, '0') << n;
        auto const file = [&](int k) { return folder / (name.str() + "_p" + std::to_string(k) + ".bin"); };
        if (!fs::exists(file(0))) return messages;
        for (int k = 0; fs::exists(file(k)); ++k) messages[name.str()].push_back(test::part(file_bytes(file(k))));
    }
}

struct Expected {
    std::string series, frame, shape, sentinels, sum, sha256;
};

std::map<std::string, Expected> expected_table(fs::path const& path) {
    std::map<std::string, Expected> table;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> fields;
        std::istringstream stream(line);
        for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
        table[fields.at(0)] = {fields.at(1), fields.at(2), fields.at(4), fields.at(6), fields.at(7), fields.back()};
    }
    return table;
}

std::string sha256(std::vector<std::uint32_t> const& pixels) {
    std::array<unsigned char, 32> digest;
    EVP_Digest(pixels.data(), pixels.size() * 4, digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    for (unsigned const byte : digest)
        for (unsigned const nibble : {byte >> 4, byte & 15u}) text += "0123456789abcdef"[nibble];
    return text;
}

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
        CAPTURE(message_name);
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
        CHECK(sha256(image.pixels) == expected.sha256);
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
        CAPTURE(name);
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
    try {
        frame.tiles->prepare();
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
    CHECK("see sha24 " + sha256(pixels).substr(0, 24) == expected.sha256); // the table has the first 24 digits

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
