// Commands that give out what was published before, and take note of alarms.
#include "daemon/run/control_reply.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sqd {
namespace {

/// A reply with more is cut, and says so.
constexpr std::size_t longest_reply = 32 << 20;

/// `messages` names what follows as further parts: as much of `sent` as goes into one reply, and one in any case.
void put_messages(ControlReply& reply, std::vector<SentPtr> const& sent) {
    Json list = Json::array();
    std::size_t bytes = 0;
    for (SentPtr const& message : sent) {
        bytes += message->bytes();
        if (!reply.messages.empty() && bytes > longest_reply) break;
        list.push_back({{"topic", message->topic}, {"seq", message->seq}, {"parts", message->parts.size()}});
        reply.messages.push_back(message);
    }
    reply.json["messages"] = std::move(list);
    if (reply.messages.size() < sent.size()) reply.json["more"] = true;
}

} // namespace

ControlReply Control::snapshot(Request const& /*request*/) {
    ControlReply reply = ok({{"epoch", context_.speaker.epoch}});
    std::vector<SentPtr> sent;
    for (auto const& [topic, message] : context_.sent.latest()) sent.push_back(message);
    put_messages(reply, sent);
    return reply;
}

ControlReply Control::history(Request const& request) {
    std::vector<std::string> const said = argument_keys(request);
    ControlReply reply = ok({{"epoch", context_.speaker.epoch}});
    if (said.empty()) {
        reply.json["finals"] = Json::array();
        auto const finals = context_.finals.list();
        std::for_each(finals.rbegin(), finals.rend(), [&](auto const& final) { reply.json["finals"].push_back(final_json(final)); });
        return reply;
    }
    if (said == std::vector<std::string>{"scan"} && has_text(request, "scan")) {
        auto const final = context_.finals.find(request["scan"].get<std::string>());
        if (!final) return refusal("bad_value", "scan: no final of that uid or id is kept (its archive may be there)");
        reply.json["final"] = final_json(*final);
        std::vector<SentPtr> sent;
        for (WireMessage const& message : *final->messages) sent.push_back(sent_message(message));
        put_messages(reply, sent);
        return reply;
    }
    bool const range = said == std::vector<std::string>{"after", "topic"} && has_text(request, "topic");
    if (!range || !request["after"].is_number_unsigned())
        return refusal("bad_value", "say nothing, scan (text), or topic (text) and after (a whole number)");
    auto const topic = request["topic"].get<std::string>();
    auto const after = request["after"].get<std::uint64_t>();
    auto found = context_.sent.after(topic, after);
    for (RememberedFinal const& final : finals_of_now()) {
        for (WireMessage const& message : *final.messages) {
            auto const seq = message.header.value("seq", std::uint64_t{0});
            if (message.topic == topic && seq > after && !found.contains(seq)) found.emplace(seq, sent_message(message));
        }
    }
    std::vector<SentPtr> sent;
    for (auto& [seq, message] : found) sent.push_back(std::move(message));
    put_messages(reply, sent);
    return reply;
}

/// Those of this start of the program: the others are numbered anew.
std::vector<RememberedFinal> Control::finals_of_now() const {
    auto finals = context_.finals.list();
    std::erase_if(finals, [this](RememberedFinal const& final) {
        return final.messages->empty() || final.messages->front().header.value("epoch", std::string{}) != context_.speaker.epoch;
    });
    return finals;
}

ControlReply Control::acknowledge(Request const& request) {
    std::vector<std::string> names;
    std::vector<std::string> const said = argument_keys(request);
    if (said.empty()) {
        for (Alarm const& alarm : context_.alarms.current()) names.push_back(alarm.name);
    } else if (said == std::vector<std::string>{"alarm"} && has_text(request, "alarm")) {
        names.push_back(request["alarm"].get<std::string>());
    } else if (said == std::vector<std::string>{"alarm"} && request["alarm"].is_array() &&
               std::ranges::all_of(request["alarm"], [](auto const& each) { return each.is_string(); })) {
        names = request["alarm"].get<std::vector<std::string>>();
    } else {
        return refusal("bad_value", "say nothing, or alarm (a name, or a list of names)");
    }
    std::vector<std::string> unknown;
    std::ranges::copy_if(names, std::back_inserter(unknown), [this](auto const& name) { return !context_.alarms.acknowledge(name); });
    if (!unknown.empty() && !said.empty())
        return refusal("bad_value", "alarm: none of the name '" + unknown.front().substr(0, 64) + "' is listed");
    Json cleared = Json::array();
    auto const left = context_.alarms.current();
    for (auto const& name : names)
        if (std::ranges::none_of(left, [&](Alarm const& alarm) { return alarm.name == name; })) cleared.push_back(name);
    return ok({{"acknowledged", names}, {"cleared", std::move(cleared)}});
}

} // namespace sqd
