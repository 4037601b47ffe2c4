// CBF files as camserver writes them.
#pragma once

#include "tests/unit/detectors/packing.hpp"

#include <openssl/evp.h>

#include <array>
#include <string>

namespace sqd::test {

inline std::string md5_base64(Bytes const& bytes) {
    std::array<unsigned char, 16> digest;
    std::array<unsigned char, 32> text;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr);
    int const size = EVP_EncodeBlock(text.data(), digest.data(), 16);
    return {text.begin(), text.begin() + size};
}

inline std::string cbf_header(std::size_t rows, std::size_t cols, Bytes const& packed) {
    std::string const lines[] = {"###CBF: VERSION 1.5, CBFlib v0.7.8 - PILATUS detectors",
                                 "",
                                 "data_test_00001",
                                 "",
                                 "_array_data.header_contents",
                                 ";",
                                 "# Detector: PILATUS3 test",
                                 "# Count_cutoff 1000 counts",
                                 ";",
                                 "",
                                 "_array_data.data",
                                 ";",
                                 "--CIF-BINARY-FORMAT-SECTION--",
                                 "Content-Type: application/octet-stream;",
                                 "     conversions=\"x-CBF_BYTE_OFFSET\"",
                                 "Content-Transfer-Encoding: BINARY",
                                 "X-Binary-Size: " + std::to_string(packed.size()),
                                 "X-Binary-ID: 1",
                                 "X-Binary-Element-Type: \"signed 32-bit integer\"",
                                 "X-Binary-Element-Byte-Order: LITTLE_ENDIAN",
                                 "Content-MD5: " + md5_base64(packed),
                                 "X-Binary-Number-of-Elements: " + std::to_string(rows * cols),
                                 "X-Binary-Size-Fastest-Dimension: " + std::to_string(cols),
                                 "X-Binary-Size-Second-Dimension: " + std::to_string(rows),
                                 "X-Binary-Size-Padding: 4095",
                                 ""};
    std::string text;
    for (auto const& line : lines) text += line + "\r\n";
    return text;
}

inline Bytes cbf_file(std::string const& header, Bytes const& packed) {
    Bytes file;
    for (char const c : header + "\x0C\x1A\x04\xD5") file.push_back(static_cast<std::byte>(c));
    file.insert(file.end(), packed.begin(), packed.end());
    file.resize(file.size() + 4095);
    return file;
}

} // namespace sqd::test
