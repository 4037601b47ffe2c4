// Conversations: the sample series, and images in every encoding.
#include "detectors/simulated/cbor_writer.hpp"
#include "detectors/simulated/stream2_messages.hpp"
#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/packing.hpp"
#include "tests/unit/detectors/stream1_messages.hpp"

namespace sqd::fuzz {

namespace {

Message message_of(std::vector<MessagePart> const& parts) {
    Message message;
    for (auto const& part : parts) message.emplace_back(part.bytes.begin(), part.bytes.end());
    return message;
}

Part text_part(std::string_view text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// A start with all tables, an image of two thresholds and one of 16 bits, user data that is no text.
std::vector<Message> stream2_messages() {
    auto series = sample_stream2();
    series.user_data_cbor = simulated::CborWriter().array(2).number(1).text("a").take();
    std::vector<Message> out{simulated::stream2_start_message(series, simulated::HeaderDetail::all)};
    series.channels.push_back({"threshold_2", 9, {}});
    series.bits = 16;
    auto const payload = simulated::encode_pixels(sample_image(0), series.encoding, series.bits);
    out.push_back(simulated::stream2_image_message(series, 0, simulated::shared({payload, payload})));
    series.channels.pop_back();
    out.push_back(simulated::stream2_image_message(series, 1, simulated::shared({payload})));
    return out;
}

/// The 2 x 3 images of the unit tests, in all encodings and types of Stream V1.
std::vector<Message> stream1_images() {
    std::vector<Message> out{message_of(test::stream1_header_all(3))};
    std::vector<std::uint32_t> const pixels{0, 1, 200, 254, 255, 7};
    for (auto const& [type, bytes] : {std::pair{"uint8", 1u}, {"uint16", 2u}, {"uint32", 4u}, {"int32", 4u}}) {
        auto const plain = test::pixel_bytes(pixels, bytes);
        auto const shuffled = "bs" + std::to_string(8 * bytes) + "-lz4<";
        out.push_back(message_of(test::stream1_image(3, 1, "<", type, plain)));
        out.push_back(message_of(test::stream1_image(3, 2, "lz4<", type, test::lz4(plain))));
        out.push_back(message_of(test::stream1_image(3, 3, shuffled, type, test::bslz4(plain, bytes, 64 * bytes))));
    }
    return out;
}

void add_series(std::string const& kind, std::vector<Message> const& series, std::vector<Seed>& out) {
    for (unsigned const options : {0u, 1u, 2u, 8u, 16u}) out.push_back({kind, join({options, series})});
    for (auto const& message : series) out.push_back({kind, join({0, {message}})});
}

} // namespace

std::vector<Seed> message_seeds() {
    std::vector<Seed> out;
    for (auto const& target : targets())
        if (target.multipart) add_series(target.name, sample_series(target.name), out);
    for (auto const& image : stream1_images()) out.push_back({"dectris_stream1", join({16, {image}})});
    out.push_back({"dectris_stream1", join({0, stream1_images()})});
    for (auto const& message : stream2_messages())
        for (unsigned const options : {0u, 2u, 4u}) out.push_back({"dectris_stream2", join({options, {message}})});
    auto const packed = test::byte_offset({1, 2, -1, 300, 70'000, 5});
    Message const cbf{text_part(R"({"htype":"image","frame":4,"shape":[2,3],"type":"int32","compression":"cbf"})"),
                      test::cbf_file(test::cbf_header(2, 3, packed), packed)};
    out.push_back({"pilatus_stream", join({0, {cbf}})});
    for (auto const& message : sample_series("dectris_stream2")) out.push_back({"cbor", message.at(0)});
    return out;
}

std::vector<Seed> corpus() {
    std::vector<Seed> all;
    for (auto const& seeds : {message_seeds(), recorded_seeds(), payload_seeds(), journal_seeds(), saved_state_seeds(), text_seeds()})
        all.insert(all.end(), seeds.begin(), seeds.end());
    return all;
}

} // namespace sqd::fuzz
