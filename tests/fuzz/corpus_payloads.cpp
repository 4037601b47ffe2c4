// Single images: compressed in every way, CBF files.
#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/payload.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/unit/detectors/cbf_file.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <cstring>

namespace sqd::fuzz {

namespace {

/// Flags of payload.hpp for pixels of `bytes` bytes.
unsigned flags_of(unsigned bytes) {
    return bytes == 4 ? 2 : bytes - 1;
}

void add_payloads(std::vector<std::uint32_t> const& pixels, unsigned bytes, std::vector<Seed>& out) {
    auto const flags = flags_of(bytes);
    auto const plain = test::pixel_bytes(pixels, bytes);
    auto const input = [&](test::Bytes const& payload, unsigned more) { return payload_input(flags | more, pixels.size(), payload); };
    for (std::size_t const block : {64u, 2048u, 4096u, 8192u, 16384u})
        for (unsigned const more : {0u, 4u, 8u, 16u}) out.push_back({"bslz4", input(test::bslz4(plain, bytes, block * bytes / 4), more)});
    for (std::size_t const block : {100u, 8192u, 65536u}) out.push_back({"framed_lz4", input(test::framed_lz4(plain, block), 0)});
    out.push_back({"lz4", input(test::lz4(plain), 0)});
    out.push_back({"raw", input(plain, 0)});
    out.push_back({"raw", input(plain, 16)});
}

std::vector<std::uint32_t> small_image() {
    return {0, 1, 2, 3, 0xFFFFFFFF, 0xFFFFFFFE, 255, 254, 256, 65535, 65534, 70'000, 0, 0, 1, 9, 10, 11, 12};
}

Part after_flags(unsigned flags, test::Bytes const& rest) {
    Part out{static_cast<std::byte>(flags)};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

} // namespace

std::vector<Seed> payload_seeds() {
    std::vector<Seed> out;
    for (unsigned const bytes : {1u, 2u, 4u})
        for (auto const& pixels : {small_image(), sample_image(0), std::vector<std::uint32_t>(4096, 3)}) add_payloads(pixels, bytes, out);
    auto const pixels = sample_image(2);
    std::vector<std::int32_t> const as_signed(pixels.begin(), pixels.end());
    for (auto const& [rows, cols, image] :
         {std::tuple{std::size_t{2}, std::size_t{3}, std::vector<std::int32_t>{1, -1, -2, 300, 70'000, 2'000'000'000}},
          {sample_rows, sample_cols, as_signed}}) {
        auto const packed = test::byte_offset(image);
        auto header = test::cbf_header(rows, cols, packed);
        auto file = test::cbf_file(header, packed);
        file.resize(file.size() - 4000); // most of the padding
        out.push_back({"cbf", after_flags(1, file)});
        header.erase(header.find("Content-MD5"), header.find("X-Binary-Number") - header.find("Content-MD5"));
        file = test::cbf_file(header, packed);
        file.resize(file.size() - 4095);
        out.push_back({"cbf", after_flags(1, file)});
        out.push_back({"cbf", after_flags(0, file)});
        out.push_back({"cbf", after_flags(2, packed)});
    }
    return out;
}

} // namespace sqd::fuzz
