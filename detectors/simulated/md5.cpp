#include "detectors/simulated/md5.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace sqd::simulated {

namespace {

std::array<unsigned char, 16> md5(std::span<std::byte const> bytes) {
    std::array<unsigned char, 16> digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) != 1 || size != digest.size())
        throw std::runtime_error("MD5 is not available (OpenSSL refused it: FIPS mode?) allow MD5 in OpenSSL's configuration");
    return digest;
}

} // namespace

std::string md5_hex(std::span<std::byte const> bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (auto const byte : md5(bytes)) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string md5_base64(std::span<std::byte const> bytes) {
    auto const digest = md5(bytes);
    std::array<unsigned char, 25> text{}; // 24 characters and the terminating zero that OpenSSL writes
    auto const length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return {text.begin(), text.begin() + length};
}

} // namespace sqd::simulated
