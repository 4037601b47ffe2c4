#include "daemon/security/zap_handler.hpp"

#include "daemon/run/thread_name.hpp"
#include "daemon/run/zmq_interrupted.hpp"
#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <array>
#include <chrono>
#include <utility>

namespace sqd {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<zmq::socket_t> bind_handler(zmq::context_t& context) {
    auto socket = std::make_unique<zmq::socket_t>(context, zmq::socket_type::rep);
    socket->set(zmq::sockopt::linger, 0);
    try {
        socket->bind("inproc://zeromq.zap.01");
    } catch (zmq::error_t const& error) {
        throw ConfigError(std::string("security: clients cannot be told apart (libzmq's question for keys is answered elsewhere: ") +
                          error.what() + ") start the service again");
    }
    return socket;
}

} // namespace

ZapHandler::ZapHandler(zmq::context_t& context, Answer answer, std::function<void()> tick)
    : socket_(bind_handler(context)), answer_(std::move(answer)), tick_(std::move(tick)),
      thread_([this](std::stop_token const& stop) { run(stop); }) {}

ZapHandler::~ZapHandler() {
    thread_.request_stop();
    thread_.join();
}

void ZapHandler::run(std::stop_token const& stop) {
    name_thread("access");
    try {
        auto next_tick = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            std::array<zmq::pollitem_t, 1> items{{{socket_->handle(), 0, ZMQ_POLLIN, 0}}};
            poll_sockets(items, 100ms);
            if (auto const now = std::chrono::steady_clock::now(); now >= next_tick) {
                tick_();
                next_tick = now + 1s;
            }
            if ((items[0].revents & ZMQ_POLLIN) != 0) reply();
        }
    } catch (std::exception const& error) {
        spdlog::critical("access: {} (nobody is let in any more)", error.what());
        failed_ = true;
    }
}

void ZapHandler::reply() {
    constexpr std::size_t most_frames = 16; // a request has seven
    std::vector<std::string> frames;
    for (bool more = true; more;) {
        zmq::message_t frame;
        if (!uninterrupted([&] { return socket_->recv(frame, zmq::recv_flags::dontwait); })) return;
        more = frame.more();
        if (frames.size() < most_frames) frames.push_back(frame.to_string());
    }
    auto const answer = answer_(frames);
    for (std::size_t i = 0; i < answer.size(); ++i) {
        auto const flags = zmq::send_flags::dontwait | (i + 1 < answer.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        uninterrupted([&] { return socket_->send(zmq::buffer(answer[i]), flags); });
    }
}

} // namespace sqd
