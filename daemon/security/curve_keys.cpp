// The functions of libzmq, with types.
#include "daemon/security/curve_keys.hpp"

#include <zmq.h>

#include <stdexcept>

namespace sqd {
namespace {

constexpr std::size_t text_length = 40;

/// libzmq writes a closing 0, too.
using Text = std::array<char, text_length + 1>;

[[noreturn]] void no_curve() {
    throw std::runtime_error("CURVE keys cannot be made (this libzmq was built without CURVE) use Debian's libzmq5");
}

} // namespace

KeyPair new_key_pair() {
    Text public_text{}, secret_text{};
    if (zmq_curve_keypair(public_text.data(), secret_text.data()) != 0) no_curve();
    return {{key_from_z85(public_text.data()).value()}, {key_from_z85(secret_text.data()).value()}};
}

PublicKey public_key_of(SecretKey const& secret) {
    Text public_text{};
    if (zmq_curve_public(public_text.data(), to_z85(secret.bytes).c_str()) != 0) no_curve();
    return {key_from_z85(public_text.data()).value()};
}

std::string to_z85(KeyBytes const& bytes) {
    Text text{};
    zmq_z85_encode(text.data(), bytes.data(), bytes.size());
    return text.data();
}

std::optional<KeyBytes> key_from_z85(std::string_view text) {
    KeyBytes bytes{};
    std::string const ended(text);
    if (text.size() != text_length || ended.find('\0') != ended.npos) return std::nullopt;
    if (zmq_z85_decode(bytes.data(), ended.c_str()) == nullptr) return std::nullopt;
    if (to_z85(bytes) != text) return std::nullopt; // five characters can say more than four bytes hold
    return bytes;
}

} // namespace sqd
