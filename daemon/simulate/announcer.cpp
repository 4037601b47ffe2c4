#include "daemon/simulate/announcer.hpp"

#include "daemon/verbs/control_client.hpp"
#include "pipeline/core/errors.hpp"

#include <chrono>

namespace sqd::simulated {

void announce(std::string const& endpoint, std::optional<ClientKeys> const& keys, std::string const& announcement) {
    using namespace std::chrono_literals;
    zmq::context_t context{1};
    Json request = {{"command", "announce"}};
    request.update(Json::parse(announcement));
    auto const answer = ask_control(context, endpoint, keys, std::move(request), 5000ms);
    if (!answer) throw IoError("no answer from " + endpoint + " (is a daemon's control there?) start it or leave out --announce", true);
    if (!answer->json.value("ok", false))
        throw DataError("the announcement was refused (" + to_text(answer->json) + ") see the daemon's log");
}

} // namespace sqd::simulated
