#include "daemon/security/access.hpp"

#include "daemon/log_limit.hpp"
#include "daemon/security/client_register.hpp"
#include "daemon/security/curve_socket.hpp"
#include "daemon/security/key_files.hpp"
#include "daemon/security/private_file.hpp"
#include "daemon/security/proof.hpp"
#include "daemon/security/zap_handler.hpp"
#include "daemon/security/zap_message.hpp"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace sqd {
namespace {

std::string shown(PublicKey const& key) {
    return to_z85(key.bytes);
}

} // namespace

struct Access::Door {
    SecretKey key;
    Counters& counters;
    Clock const& clock;
    ClientRegister clients;
    LogLimit accepted_lines, unlisted_lines, malformed_lines;            ///< of the handler's thread
    LogLimit no_key_lines, server_key_lines, other_lines, command_lines; ///< of the service's
    ZapHandler handler;

    Door(zmq::context_t& context, SecurityConfig const& config, AlarmBoard& alarms, Counters& counters_in, Clock const& clock_in)
        : key(read_secret_key(config.server_key)), counters(counters_in), clock(clock_in), clients(config.clients, alarms, clock),
          handler(
              context, [this](std::vector<std::string> const& frames) { return answer(frames); }, [this] { clients.refresh(); }) {}

    std::vector<std::string> answer(std::vector<std::string> const& frames);
    void log(LogLimit& limit, spdlog::level::level_enum level, std::string const& line) {
        if (auto const left_out = limit.due(clock.steady_s())) spdlog::log(level, "access: {}{}", line, left_out_words(*left_out));
    }
};

/// On the handler's thread.
std::vector<std::string> Access::Door::answer(std::vector<std::string> const& frames) {
    clients.refresh(); // whoever was listed a moment ago is known already
    auto out = answer_zap(frames, [this](PublicKey const& shown_key) { return clients.find(shown_key); });
    switch (out.verdict) {
    case Verdict::accepted: {
        ++counters.access_accepted;
        auto const client = clients.find(*out.key);
        log(accepted_lines, spdlog::level::info, "'" + (client ? client->name : shown(*out.key)) + "' came from " + out.address);
        break;
    }
    case Verdict::unlisted:
        ++counters.access_refused_unlisted;
        log(unlisted_lines, spdlog::level::warn, "refused key " + shown(*out.key) + " from " + out.address + " (it is not listed)");
        break;
    case Verdict::malformed:
        ++counters.access_refused_other;
        log(malformed_lines, spdlog::level::warn, "refused a question for a key that is none of CURVE");
        break;
    case Verdict::other_domain: break; // the proof at the start
    }
    return std::move(out.frames);
}

Access::Access(zmq::context_t& context, SecurityConfig const& config, AlarmBoard& alarms, Counters& counters, Clock const& clock) {
    if (config.server_key.empty()) return;
    door_ = std::make_unique<Door>(context, config, alarms, counters, clock);
    prove_refusal(context, door_->key);
    spdlog::info("access: results and control are encrypted; public key of this service {}; {} clients are listed",
                 shown(public_key_of(door_->key)), door_->clients.size());
}

Access::~Access() = default;

void Access::guard(zmq::socket_t& socket) const {
    if (door_) sqd::guard(socket, door_->key, zap_domain);
}

std::string Access::user_of(zmq::message_t& message) {
    char const* const user = zmq_msg_gets(message.handle(), "User-Id");
    return user == nullptr ? "" : user;
}

Asker Access::asker(std::string const& user) const {
    if (!door_) return {};
    auto const bytes = key_from_z85(user);
    auto const client = bytes ? door_->clients.find({*bytes}) : std::nullopt;
    return client ? Asker{client->name, client->rights} : Asker{bytes ? to_z85(*bytes) : "unknown", Rights::none};
}

void Access::reload() {
    if (door_) door_->clients.reload();
}

bool Access::failed() const {
    return door_ && door_->handler.failed();
}

void Access::handshake_failed(std::uint16_t event, std::uint32_t value) {
    if (!door_ || event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return; // the handler has counted that one
    Door& door = *door_;
    if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) {
        ++door.counters.access_refused_no_key;
        door.log(door.no_key_lines, spdlog::level::warn, "refused a client without a key");
    } else if (value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC) {
        ++door.counters.access_refused_server_key;
        door.log(door.server_key_lines, spdlog::level::warn, "refused a client that has another public key for this service");
    } else {
        ++door.counters.access_refused_other;
        door.log(door.other_lines, spdlog::level::warn, "a client left, or said nothing, before it had shown a key");
    }
}

void Access::command_refused(Asker const& asker, std::string const& command) {
    if (!door_) return;
    ++door_->counters.commands_refused;
    door_->log(door_->command_lines, spdlog::level::warn, "refused '" + command + "' of client '" + asker.name + "'");
}

std::string access_words(SecurityConfig const& config) {
    if (config.server_key.empty()) return "not encrypted: whoever reaches results and control may control";
    PublicKey const own = public_key_of(read_secret_key(config.server_key));
    auto const clients = parse_client_list(read_small_file(config.clients), config.clients);
    auto const in_control = std::count_if(clients.begin(), clients.end(), [](Client const& c) { return c.rights == Rights::control; });
    return "encrypted, public key " + shown(own) + "; " + std::to_string(clients.size()) + " listed, of whom " +
           std::to_string(in_control) + " may control";
}

} // namespace sqd
