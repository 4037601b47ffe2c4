#include "detectors/simulated/schedule.hpp"

#include <algorithm>
#include <string_view>

namespace sqd::simulated {

namespace {

std::size_t largest_part(Message const& message) {
    auto const found = std::max_element(message.begin(), message.end(), [](Part const& a, Part const& b) { return a.size() < b.size(); });
    return static_cast<std::size_t>(found - message.begin());
}

bool continues(Sending const& after, Sending const& before) {
    return after.what == Sending::What::frame && after.harm == Harm::none && after.frame == before.frame + 1;
}

} // namespace

char const* name(Harm harm) {
    switch (harm) {
    case Harm::none: break;
    case Harm::corrupt: return "corrupt";
    case Harm::stray: return "stray";
    case Harm::crowded: return "crowded";
    case Harm::torn: return "torn";
    }
    return "none";
}

Schedule orderly(std::uint64_t frames) {
    Schedule schedule{{Sending::What::start}};
    for (std::uint64_t i = 0; i < frames; ++i) schedule.push_back({Sending::What::frame, i});
    schedule.push_back({Sending::What::end});
    return schedule;
}

Message harmed(Message message, Harm harm) {
    if (message.empty()) return message;
    if (harm == Harm::corrupt) {
        auto& part = message[largest_part(message)];
        std::fill_n(part.begin() + static_cast<std::ptrdiff_t>(part.size() / 4), part.size() / 2, std::byte{0xFF});
    } else if (harm == Harm::stray && message.size() > 1) {
        message.erase(message.begin());
    } else if (harm == Harm::stray) {
        auto& part = message.front();
        part.erase(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2));
    } else if (harm == Harm::crowded) {
        message.resize(message.size() + 20, part_of(std::string_view("more")));
    }
    return message;
}

std::string text_of(Schedule const& schedule) {
    std::string text;
    for (std::size_t i = 0; i < schedule.size(); ++i) {
        auto const& sending = schedule[i];
        text += text.empty() ? "" : " ";
        if (sending.what != Sending::What::frame) {
            text += sending.what == Sending::What::start ? "start" : "end";
            continue;
        }
        text += std::to_string(sending.frame);
        if (sending.harm != Harm::none) {
            text.append("(").append(name(sending.harm)).append(")");
            continue;
        }
        auto const first = i;
        while (i + 1 < schedule.size() && continues(schedule[i + 1], schedule[i])) ++i;
        if (i > first) text += '-' + std::to_string(schedule[i].frame);
    }
    return text;
}

} // namespace sqd::simulated
