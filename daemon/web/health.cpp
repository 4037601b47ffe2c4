#include "daemon/web/health.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace sqd {
namespace {

/// Why it is unwell; empty = it is not.
std::string complaint(WebFacts const& facts, std::string const& state, std::string const& reason) {
    for (LoopFacts const& loop : facts.loops) {
        if (!loop.age_s) return "the " + loop.name + " loop has not begun";
        if (*loop.age_s > loop.patience_s)
            return fmt::format("the {} loop has not turned for {:.0f} s (it should within {:g} s)", loop.name, *loop.age_s,
                               loop.patience_s);
    }
    if (!facts.heartbeat) return "there is no heartbeat yet";
    if (state == "fault") return reason;
    return {};
}

} // namespace

Health health_of(WebFacts const& facts) {
    static Json const nothing = Json::object();
    Json const& heartbeat = facts.heartbeat ? *facts.heartbeat : nothing;
    std::string const state = heartbeat.value("state", "init"), reason = heartbeat.value("reason", "");
    std::string const why = complaint(facts, state, reason);
    Json loops = Json::object();
    for (LoopFacts const& loop : facts.loops) {
        if (loop.age_s) loops[loop.name] = std::round(*loop.age_s * 1e3) / 1e3;
    }
    return {why.empty(),
            {{"status", why.empty() ? "ok" : "unwell"},
             {"instance", facts.instance},
             {"state", state},
             {"reason", why.empty() ? reason : why},
             {"loops", std::move(loops)}}};
}

} // namespace sqd
