// Frames of a request: version, request id, domain, address, routing id, mechanism, credentials (CURVE: one, the key).
#include "daemon/security/zap_message.hpp"

#include <algorithm>

namespace sqd {
namespace {

constexpr std::size_t frames_of_curve = 7, longest_id = 255, longest_address = 64;

ZapAnswer answer(Verdict verdict, std::string const& id, char const* status, char const* reason, std::string user = {}) {
    return {verdict, {}, {}, {"1.0", id, status, reason, std::move(user), ""}};
}

std::string printable_address(std::string address) {
    address.resize(std::min(address.size(), longest_address));
    for (char& c : address)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    return address;
}

ZapAnswer judge(std::span<std::string const> frames, std::string const& id,
                std::function<std::optional<Client>(PublicKey const&)> const& find) {
    std::string const &version = frames[0], &domain = frames[2], &mechanism = frames[5], &shown = frames[6];
    PublicKey key{};
    if (version != "1.0" || mechanism != "CURVE" || shown.size() != key.bytes.size()) {
        return answer(Verdict::malformed, id, "400", "not a CURVE request of ZAP 1.0");
    }
    std::copy(shown.begin(), shown.end(), key.bytes.begin());
    auto out = domain != zap_domain ? answer(Verdict::other_domain, id, "400", "another domain")
               : find(key)          ? answer(Verdict::accepted, id, "200", "OK", to_z85(key.bytes))
                                    : answer(Verdict::unlisted, id, "400", "this key is not listed");
    out.key = key;
    return out;
}

} // namespace

ZapAnswer answer_zap(std::span<std::string const> frames, std::function<std::optional<Client>(PublicKey const&)> const& find) {
    std::string const id = frames.size() > 1 && frames[1].size() <= longest_id ? frames[1] : "";
    if (frames.size() != frames_of_curve) return answer(Verdict::malformed, id, "400", "not a CURVE request of ZAP 1.0");
    auto out = judge(frames, id, find);
    out.address = printable_address(frames[3]);
    return out;
}

} // namespace sqd
