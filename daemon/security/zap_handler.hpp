// The thread that libzmq asks about keys.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace zmq {
class context_t;
class socket_t;
} // namespace zmq

namespace sqd {

/// Answers `inproc://zeromq.zap.01` of a context from its construction on. It must outlive every guarded socket of that context: without
/// that address libzmq lets everybody in, while a bound one that does not answer lets nobody in.
class ZapHandler {
public:
    using Answer = std::function<std::vector<std::string>(std::vector<std::string> const& frames)>;

    /// `answer` makes a reply of a request, `tick` is called once a second; both on the handler's thread. Throws ConfigError where the
    /// context has a handler already.
    ZapHandler(zmq::context_t& context, Answer answer, std::function<void()> tick);
    ~ZapHandler();

    /// The thread has ended by itself: nobody is let in any more.
    bool failed() const { return failed_; }

private:
    void run(std::stop_token const& stop);
    void reply();

    std::unique_ptr<zmq::socket_t> socket_;
    Answer answer_;
    std::function<void()> tick_;
    std::atomic<bool> failed_{false};
    std::jthread thread_;
};

} // namespace sqd
