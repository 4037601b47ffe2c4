// Which of libzmq's threads does the work of which socket.
#pragma once

#include <zmq.hpp>

#include <cstdint>

namespace sqd {

/// Clients that come in crowds, or make libzmq work out keys, keep a thread busy that the detector's frames do not go through.
inline constexpr int io_threads = 2;
enum class IoThread : std::uint64_t { stream = 1, clients = 2 }; ///< bits, as libzmq counts them

/// Before the socket binds or connects. A context of one thread has no choice.
inline void use_thread(IoThread which, zmq::context_t& context, zmq::socket_t& socket) {
    if (context.get(zmq::ctxopt::io_threads) >= io_threads) socket.set(zmq::sockopt::affinity, static_cast<std::uint64_t>(which));
}

} // namespace sqd
