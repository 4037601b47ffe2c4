#include "daemon/security/refusal_watch.hpp"

#include <zmq.h>

#include <utility>

namespace sqd {

RefusalWatch::RefusalWatch(zmq::context_t& context, zmq::socket_t& socket, std::string endpoint, bool keys)
    : endpoint_(std::move(endpoint)), keys_(keys), peers_(context, socket, [this](std::uint16_t event, std::uint32_t value) {
          if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
              refused_ = true;
          else if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
              mismatch_ = true;
          else
              broken_ = true;
      }) {}

void RefusalWatch::check() {
    peers_.read();
    if (refused_) refuse("refused this key (it is not in its list of clients) send your .pub file to the people who run it");
    if (!mismatch_) return;
    refuse(keys_ ? "does not ask for keys (security.server_key is none there) leave out --key and --server-key"
                 : "asks for keys (security.server_key is set there) give --key and --server-key");
}

void RefusalWatch::check_at_last() {
    check();
    if (broken_ && keys_)
        refuse("hung up before it had looked at this key (it is not the owner of --server-key, or does not ask for keys) ask for its .pub "
               "file");
    if (broken_) refuse("hung up (it probably asks for keys: security.server_key is set there) give --key and --server-key");
}

void RefusalWatch::refuse(std::string const& why) const {
    throw AccessRefused(endpoint_ + ": the service " + why);
}

} // namespace sqd
