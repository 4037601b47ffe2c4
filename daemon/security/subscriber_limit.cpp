// libzmq cannot be told to close one connection; the end of its stream is what it understands.
#include "daemon/security/subscriber_limit.hpp"

#include "daemon/run/zmq_interrupted.hpp"
#include "daemon/security/access.hpp"

#include <sys/socket.h>

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <cstdint>

#include <map>

namespace sqd {

void SubscriberLimit::make_verbose(zmq::socket_t& publisher) {
    publisher.set(zmq::sockopt::xpub_verbose, true); // every subscription is told of, so that it can be counted
    // libzmq takes in at once all that is there: two subscriptions, before they are counted. One would be none, since the name of
    // who was let in takes a place for good.
    publisher.set(zmq::sockopt::rcvhwm, 2);
}

void SubscriberLimit::take() {
    zmq::message_t asked;
    while (uninterrupted([&] { return publisher_.recv(asked, zmq::recv_flags::dontwait); })) {
        int const descriptor = zmq_msg_get(asked.handle(), ZMQ_SRCFD);
        if (descriptor < 0) continue;
        Subscriber& subscriber = subscribers_[descriptor];
        subscriber.user = Access::user_of(asked);
        subscriber.bytes += asked.size() + overhead;
    }
}

void SubscriberLimit::judge(double now_s) {
    for (auto next = subscribers_.begin(); next != subscribers_.end();) {
        auto const here = next++;
        auto& [descriptor, subscriber] = *here;
        std::uint64_t const number = peers_.connection(descriptor);
        if (subscriber.number == 0) subscriber.number = number;
        if (number == 0 || number != subscriber.number)
            subscribers_.erase(here); // gone; the descriptor may be another connection's already
        else if (subscriber.bytes > most_bytes)
            cut_off(descriptor, subscriber, "asked for too many topics", now_s);
    }
}

void SubscriberLimit::judge_listed(double now_s) {
    for (auto& [descriptor, subscriber] : subscribers_)
        if (who_(subscriber.user).rights == Rights::none) cut_off(descriptor, subscriber, "is not listed any more", now_s);
}

void SubscriberLimit::cut_off(int descriptor, Subscriber& subscriber, char const* why, double now_s) {
    if (subscriber.cut || subscriber.number != peers_.connection(descriptor)) return;
    subscriber.cut = true;
    ::shutdown(descriptor, SHUT_RDWR);
    ++counters_.subscribers_cut;
    if (auto const left_out = lines_.due(now_s))
        spdlog::warn("access: cut off a subscriber, '{}', who {}{}", who_(subscriber.user).name, why, left_out_words(*left_out));
}

} // namespace sqd
