// MD5 digests as detectors write them: hexadecimal in Stream V1, base64 in CBF.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sqd::simulated {

/// 32 lower-case hexadecimal digits.
std::string md5_hex(std::span<std::byte const> bytes);
/// 24 base64 characters, padded.
std::string md5_base64(std::span<std::byte const> bytes);

} // namespace sqd::simulated
