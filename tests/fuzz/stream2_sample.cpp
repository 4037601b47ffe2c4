// Stream V2 by the item builders of the unit tests.
#include "tests/fuzz/stream2_sample.hpp"

#include "tests/fuzz/samples.hpp"
#include "tests/unit/detectors/cbor_bytes.hpp"

#include <bit>
#include <initializer_list>
#include <utility>

namespace sqd::fuzz {

namespace {

using test::Bytes;
using Field = std::pair<char const*, Bytes>;

constexpr unsigned array_major = 4, map_major = 5, tag_major = 6;
constexpr std::uint64_t self_described = 55799, row_major = 40, packed = 56500, u32_little = 70;

Bytes array(std::initializer_list<Bytes> items) {
    return test::joined({test::cbor_head(array_major, items.size()), test::joined(items)});
}

Bytes tagged(std::uint64_t tag, Bytes const& item) {
    return test::joined({test::cbor_head(tag_major, tag), item});
}

Bytes map(std::initializer_list<Field> fields) {
    auto out = test::cbor_head(map_major, fields.size());
    for (auto const& [key, value] : fields) out = test::joined({out, test::cbor_text(key), value});
    return out;
}

Bytes number(double value) {
    Bytes item{std::byte{0xFB}};
    test::append_big(item, std::bit_cast<std::uint64_t>(value), 8);
    return item;
}

Bytes pixels(Bytes const& payload) {
    return tagged(row_major,
                  array({array({test::cbor_unsigned(sample_rows), test::cbor_unsigned(sample_cols)}), tagged(u32_little, payload)}));
}

Bytes packed_by(char const* algorithm, std::uint64_t element, Bytes const& payload) {
    return tagged(packed, array({test::cbor_text(algorithm), test::cbor_unsigned(element), test::cbor_bytes(payload)}));
}

Bytes start() {
    std::vector<std::uint32_t> mask(sample_rows * sample_cols);
    mask[3] = 1;
    return map({{"type", test::cbor_text("start")},
                {"series_id", test::cbor_unsigned(7)},
                {"series_unique_id", test::cbor_text("01HRDC7WGZ")},
                {"arm_date", tagged(0, test::cbor_text("2026-11-22T10:00:00.193+01:00"))},
                {"channels", array({test::cbor_text("threshold_1")})},
                {"count_time", number(0.02)},
                {"detector_description", test::cbor_text("Dectris EIGER2 Si 4M")},
                {"goniometer", map({{"omega", map({{"increment", number(0.1)}, {"start", number(0)}})}})},
                {"image_size_x", test::cbor_unsigned(sample_cols)},
                {"image_size_y", test::cbor_unsigned(sample_rows)},
                {"incident_energy", number(13000)},
                {"number_of_images", test::cbor_unsigned(3)},
                {"pixel_mask", map({{"threshold_1", pixels(packed_by("bslz4", 4, test::bslz4(test::pixel_bytes(mask, 4), 4, 8192)))}})},
                {"saturation_value", test::cbor_unsigned(100'000)},
                {"threshold_energy", map({{"threshold_1", number(6500)}, {"threshold_2", number(9000)}})},
                {"user_data", array({test::cbor_unsigned(1), test::cbor_text("a")})}});
}

Bytes image(std::uint64_t number, Bytes const& data) {
    return map({{"type", test::cbor_text("image")},
                {"series_id", test::cbor_unsigned(7)},
                {"series_unique_id", test::cbor_text("01HRDC7WGZ")},
                {"image_id", test::cbor_unsigned(number)},
                {"real_time", array({test::cbor_unsigned(1'000'000), test::cbor_unsigned(50'000'000)})},
                {"start_time", array({test::cbor_unsigned(0), test::cbor_unsigned(50'000'000)})},
                {"data", map({{"threshold_1", pixels(data)}})}});
}

} // namespace

std::vector<Message> stream2_series() {
    auto const plain = [](std::uint32_t seed) { return test::pixel_bytes(sample_image(seed), 4); };
    auto const end = map({{"type", test::cbor_text("end")}, {"series_id", test::cbor_unsigned(7)}});
    std::vector<Message> messages;
    for (auto const& item : {start(), image(0, packed_by("bslz4", 4, test::bslz4(plain(0), 4, 8192))),
                             image(1, packed_by("lz4", 0, test::framed_lz4(plain(1), 8192))), image(2, test::cbor_bytes(plain(2))), end})
        messages.push_back({tagged(self_described, item)});
    return messages;
}

} // namespace sqd::fuzz
