// CURVE keys of ZeroMQ (Curve25519), and the text form that people exchange (Z85, 40 characters).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqd {

using KeyBytes = std::array<std::uint8_t, 32>;

/// What others may know of somebody; it says who a client is.
struct PublicKey {
    KeyBytes bytes;
    bool operator==(PublicKey const&) const = default;
    auto operator<=>(PublicKey const&) const = default;
};

/// Whoever has it is its owner, to everybody else.
struct SecretKey {
    KeyBytes bytes;
    bool operator==(SecretKey const&) const = default;
};

struct KeyPair {
    PublicKey public_key;
    SecretKey secret_key;
};

/// From the system's random numbers. Throws std::runtime_error where libzmq was built without CURVE.
KeyPair new_key_pair();

/// The other half. Throws std::runtime_error where libzmq was built without CURVE.
PublicKey public_key_of(SecretKey const& secret);

/// ZeroMQ RFC 32: five characters for four bytes.
std::string to_z85(KeyBytes const& bytes);

/// nullopt for what is not 40 characters of Z85 that stand for 32 bytes.
std::optional<KeyBytes> key_from_z85(std::string_view text);

} // namespace sqd
