// The door of the service: encryption of its sockets, who is let in, and who may do what.
#pragma once

#include "config/config.hpp"
#include "daemon/security/asker.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"
#include "pipeline/stream/counters.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace zmq {
class context_t;
class message_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Without security.server_key there is no door: nothing is encrypted, and whoever reaches the sockets may control. With it, the door is
/// shut before a socket can bind, and it has been tried. Must outlive the sockets that it guards. What is refused is counted and
/// logged, at a bounded rate.
class Access {
public:
    /// Throws ConfigError: key or list cannot be read or is wrong, or the door does not shut.
    Access(zmq::context_t& context, SecurityConfig const& config, AlarmBoard& alarms, Counters& counters, Clock const& clock);
    ~Access();

    /// Before the socket binds.
    void guard(zmq::socket_t& socket) const;
    /// As whom libzmq let the sender of a message in; empty without a door.
    static std::string user_of(zmq::message_t& message);
    /// Who that is; what he may do is what the list says now.
    Asker asker(std::string const& user) const;
    /// The list of clients is read again. Who is removed is refused every command at once, and a connection the next time.
    void reload();
    /// The thread that is asked about keys has ended: the program should, too.
    bool failed() const;

    /// A handshake failed: libzmq's event and its value. Called from one thread.
    void handshake_failed(std::uint16_t event, std::uint32_t value);
    /// Somebody may not do what he asked for. Called from one thread.
    void command_refused(Asker const& asker, std::string const& command);

private:
    struct Door;
    std::unique_ptr<Door> door_; ///< null: there is none
};

/// What the configuration means for who comes in, in one line; reads key and list. Throws ConfigError as Access does.
std::string access_words(SecurityConfig const& config);

} // namespace sqd
