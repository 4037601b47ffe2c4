// ZeroMQ calls that a signal may interrupt: cppzmq throws EINTR, which is no error here.
#pragma once

#include <zmq.hpp>

#include <cerrno>
#include <chrono>
#include <span>

namespace sqd {

/// Like zmq::poll; a signal counts as a timeout, so that the caller looks at its stop token.
inline void poll_sockets(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout) {
    try {
        zmq::poll(items.data(), items.size(), timeout);
    } catch (zmq::error_t const& error) {
        if (error.num() != EINTR) throw;
        for (zmq::pollitem_t& item : items) item.revents = 0;
    }
}

/// Sends or receives; again when a signal came between, so that no part of a message is left out.
template <class Call>
auto uninterrupted(Call const& call) {
    for (;;) {
        try {
            return call();
        } catch (zmq::error_t const& error) {
            if (error.num() != EINTR) throw;
        }
    }
}

} // namespace sqd
