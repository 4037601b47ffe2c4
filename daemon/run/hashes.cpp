#include "daemon/run/hashes.hpp"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <array>

namespace sqd {

std::string sha256_hex(std::span<std::byte const> bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string out;
    for (unsigned int i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
    return out;
}

std::string sha256_hex(std::string const& text) {
    return sha256_hex(std::as_bytes(std::span(text)));
}

std::string geometry_sha256(Geometry const& g) {
    std::string const parallax =
        g.parallax ? fmt::format(" parallax {:.17g} {:.17g}", g.parallax->thickness_m, g.parallax->attenuation_per_m) : "";
    return sha256_hex(fmt::format("{:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {} {} {:.17g} {}{}", g.distance_m,
                                  g.poni1_m, g.poni2_m, g.rot1_rad, g.rot2_rad, g.rot3_rad, g.pixel1_m, g.pixel2_m, g.rows, g.cols,
                                  g.wavelength_A, g.orientation, parallax));
}

std::string mask_sha256(BinMap const& bins) {
    return sha256_hex(std::as_bytes(std::span(bins.masked)));
}

} // namespace sqd
