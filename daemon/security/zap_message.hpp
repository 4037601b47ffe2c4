// ZAP (ZeroMQ RFC 27): what libzmq asks when a client has shown its key, and the answers. Bytes in, bytes out.
#pragma once

#include "daemon/security/client_list.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// Of the sockets that are guarded; requests of another one are refused.
inline constexpr char const* zap_domain = "sqd";

enum class Verdict {
    accepted,
    unlisted, ///< the key is in no line of the list
    other_domain,
    malformed, ///< no request of ZAP 1.0, or no CURVE key in it
};

struct ZapAnswer {
    Verdict verdict;
    std::string address;             ///< of the client, as libzmq tells it; no control characters, at most 64 bytes
    std::optional<PublicKey> key;    ///< where it was shown
    std::vector<std::string> frames; ///< what goes back: 200 with the key in Z85 as User-Id, or 400
};

/// `find` says who has a key. Any frames get an answer.
ZapAnswer answer_zap(std::span<std::string const> frames, std::function<std::optional<Client>(PublicKey const&)> const& find);

} // namespace sqd
