#include "daemon/run/peer_watch.hpp"

#include "daemon/run/zmq_interrupted.hpp"

#include <zmq.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>

namespace sqd {
namespace {

constexpr int ends = ZMQ_EVENT_DISCONNECTED;
constexpr int begins = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED;
constexpr int fails = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string new_endpoint() {
    static std::atomic<unsigned> count{0}; // names are common to a context
    return "inproc://peers-" + std::to_string(++count);
}

} // namespace

PeerWatch::PeerWatch(zmq::context_t& context, zmq::socket_t& watched, Failed failed)
    : events_(std::make_unique<zmq::socket_t>(context, zmq::socket_type::pair)), watched_(watched), failed_(std::move(failed)) {
    std::string const endpoint = new_endpoint();
    if (zmq_socket_monitor(watched_.handle(), endpoint.c_str(), ends | begins | fails) != 0) throw zmq::error_t();
    events_->set(zmq::sockopt::rcvhwm, most_unread);
    events_->set(zmq::sockopt::linger, 0);
    events_->connect(endpoint);
}

PeerWatch::~PeerWatch() {
    zmq_socket_monitor(watched_.handle(), nullptr, 0); // else its next event would wait for a reader
}

void* PeerWatch::handle() const {
    return events_->handle();
}

std::vector<std::pair<std::uint64_t, std::int32_t>> PeerWatch::beyond(std::size_t oldest) const {
    std::vector<std::pair<std::uint64_t, std::int32_t>> out;
    for (auto const& [descriptor, number] : connections_) out.emplace_back(number, descriptor);
    if (out.size() <= oldest) return {};
    std::sort(out.begin(), out.end());
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(oldest));
    return out;
}

void PeerWatch::read() {
    zmq::message_t event, endpoint;
    while (uninterrupted([&] { return events_->recv(event, zmq::recv_flags::dontwait); })) {
        if (event.more()) uninterrupted([&] { return events_->recv(endpoint, zmq::recv_flags::dontwait); });
        std::uint16_t what = 0;
        std::int32_t connection = 0;
        if (event.size() != sizeof what + sizeof connection) continue;
        std::memcpy(&what, event.data(), sizeof what);
        std::memcpy(&connection, static_cast<char const*>(event.data()) + sizeof what, sizeof connection);
        if ((what & begins) != 0) connections_[connection] = ++begun_;
        if ((what & ends) != 0) {
            connections_.erase(connection);
            ++gone_;
        }
        if ((what & fails) != 0) {
            ++refused_;
            if (failed_) failed_(what, static_cast<std::uint32_t>(connection));
        }
    }
}

} // namespace sqd
