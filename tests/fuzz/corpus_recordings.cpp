// Real messages, made short: an image keeps its first blocks, tables their first rows.
#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/lz4_block.hpp"
#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/payload.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/unit/detectors/packing.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sqd::fuzz {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Part file_bytes(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// The messages of a folder: mNNNN_pK.bin is part K of message NNNN.
std::vector<Message> messages_of(fs::path const& folder) {
    std::vector<Message> messages;
    for (unsigned n = 0;; ++n) {
        auto const number = std::to_string(n);
        auto const name = [&](unsigned k) {
            return folder / ("m" + std::string(4 - number.size(), '0') + number + "_p" + std::to_string(k) + ".bin");
        };
        if (!fs::exists(name(0))) return messages;
        messages.emplace_back();
        for (unsigned k = 0; fs::exists(name(k)); ++k) messages.back().push_back(file_bytes(name(k)));
    }
}

Json json_of(Part const& part) {
    auto const* const text = reinterpret_cast<char const*>(part.data());
    return Json::parse(text, text + part.size(), nullptr, false);
}

Part part_of(Json const& json) {
    auto const text = json.dump();
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// The first blocks of a payload with HDF5's framing.
Part first_blocks(Part const& payload, std::size_t blocks) {
    std::size_t const block = load_big<std::uint32_t>(payload.data() + 8);
    Part out(payload.begin(), payload.begin() + 12);
    store_big<std::uint64_t>(blocks * block, out.data());
    std::size_t end = 12;
    for (std::size_t i = 0; i < blocks; ++i) end += 4 + load_big<std::uint32_t>(payload.data() + end);
    out.insert(out.end(), payload.begin() + 12, payload.begin() + static_cast<std::ptrdiff_t>(end));
    return out;
}

/// An image of Stream V1 of `pixels` 32-bit pixels in a blob of the same encoding.
Message short_image(Message image) {
    constexpr std::size_t pixels = 3 * 2048;
    auto description = json_of(image.at(1));
    if (description.at("encoding") == "lz4<") {
        auto const& shape = description.at("shape");
        Part plain(shape[0].get<std::size_t>() * shape[1].get<std::size_t>() * 4);
        decompress_lz4_block(image[2], plain);
        plain.resize(pixels * 4);
        image[2] = test::lz4(plain);
    } else {
        image[2] = first_blocks(image[2], pixels / 2048);
    }
    description["shape"] = {2048, pixels / 2048};
    description["size"] = image[2].size();
    image[1] = part_of(description);
    return image;
}

/// A header whose tables have 16 x 8 entries.
Message short_header(Message header) {
    for (std::size_t i = 2; i + 1 < header.size(); i += 2) {
        auto description = json_of(header[i]);
        if (header[i + 1].empty() || !description.is_object()) continue;
        description["shape"] = {16, 8};
        header[i] = part_of(description);
        header[i + 1].resize(16 * 8 * 4);
    }
    auto config = json_of(header.at(1));
    config["x_pixels_in_detector"] = 16;
    config["y_pixels_in_detector"] = 8;
    header[1] = part_of(config);
    return header;
}

/// Stream V1: headers, the first images, ends.
void add_stream1(fs::path const& folder, std::vector<Seed>& out) {
    Conversation all;
    for (auto const& message : messages_of(folder)) {
        auto const htype = json_of(message.at(0)).value("htype", "");
        if (all.messages.size() >= 5 && htype.starts_with("dimage")) continue;
        auto const cut = htype.starts_with("dimage")    ? short_image(message)
                         : htype.starts_with("dheader") ? short_header(message)
                                                        : message;
        all.messages.push_back(cut);
        out.push_back({"dectris_stream1", join({0, {cut}})});
        if (htype.starts_with("dimage") && json_of(cut[1]).at("encoding") != "lz4<")
            out.push_back({"bslz4", payload_input(2, 3 * 2048, cut[2])});
        if (htype.starts_with("dimage") && json_of(cut[1]).at("encoding") == "lz4<")
            out.push_back({"lz4", payload_input(2, 3 * 2048, cut[2])});
    }
    out.push_back({"dectris_stream1", join(all)});
}

} // namespace

std::vector<Seed> recorded_seeds() {
    std::vector<Seed> out;
    for (auto const* const name : {"streams/maxiv_v1", "streams/grimm_v1_lz4"})
        if (auto const folder = test::shared_data(name)) add_stream1(*folder, out);
    return out;
}

} // namespace sqd::fuzz
