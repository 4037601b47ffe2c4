// Reads recorded messages, and the table of what other programs decoded from them.
#pragma once

#include "tests/unit/detectors/packing.hpp"

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
#include <string>
#include <vector>

namespace sqd::test {

using Message = std::vector<MessagePart>;

inline Bytes file_bytes(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

inline Bytes unzipped(std::filesystem::path const& path) {
    Bytes bytes;
    gzFile const file = gzopen(path.c_str(), "rb");
    REQUIRE(file);
    std::array<std::byte, 65536> buffer;
    for (int n; (n = gzread(file, buffer.data(), sizeof buffer)) > 0;) bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + n);
    gzclose(file);
    return bytes;
}

/// The messages of a folder in order: mNNNN_pK.bin is part K of message NNNN.
inline std::map<std::string, Message> messages_of(std::filesystem::path const& folder) {
    std::map<std::string, Message> messages;
    for (int n = 0;; ++n) {
        std::ostringstream name;
        name << 'm' << std::string(n < 10 ? 3 : n < 100 ? 2 : 1, '0') << n;
        auto const file = [&](int k) { return folder / (name.str() + "_p" + std::to_string(k) + ".bin"); };
        if (!std::filesystem::exists(file(0))) return messages;
        for (int k = 0; std::filesystem::exists(file(k)); ++k) messages[name.str()].push_back(part(file_bytes(file(k))));
    }
}

/// One row of expected.tsv.
struct Expected {
    std::string series, frame, encoding, shape, dtype, sentinels, sum, max, sha256;
};

inline std::map<std::string, Expected> expected_table(std::filesystem::path const& path) {
    std::map<std::string, Expected> table;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> fields;
        std::istringstream stream(line);
        for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
        table[fields.at(0)] = {fields.at(1), fields.at(2), fields.at(3), fields.at(4), fields.at(5),
                               fields.at(6), fields.at(7), fields.at(8), fields.back()};
    }
    return table;
}

inline std::string sha256(Bytes const& bytes) {
    std::array<unsigned char, 32> digest;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    for (unsigned const byte : digest)
        for (unsigned const nibble : {byte >> 4, byte & 15u}) text += "0123456789abcdef"[nibble];
    return text;
}

} // namespace sqd::test
