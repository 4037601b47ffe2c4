#include "daemon/verbs/watch_words.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <cmath>

namespace sqd::watching {

Json const* find(Json const& json, char const* key) {
    if (!json.is_object()) return nullptr;
    auto const found = json.find(key);
    return found == json.end() ? nullptr : &*found;
}

std::string text(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_string() ? printable(*value) : "";
}

double number(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_number() ? value->get<double>() : 0;
}

std::uint64_t count(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

Json const& part(Json const& json, char const* key) {
    static Json const nothing = Json::object();
    Json const* value = find(json, key);
    return value ? *value : nothing;
}

std::string painted(std::string const& words, char const* code, bool color) {
    return color ? std::string("\x1b[") + code + "m" + words + "\x1b[0m" : words;
}

char const* color_of_state(std::string const& state) {
    if (state == "running") return "32";
    if (state == "fault") return "31";
    if (state == "standby") return "33";
    return "36";
}

std::string duration(double seconds) {
    auto const s = static_cast<long>(std::llround(std::clamp(seconds, 0.0, 1e7)));
    if (s < 100) return std::to_string(s) + " s";
    if (s < 6000) return std::to_string(s / 60) + " min";
    return std::to_string(s / 3600) + " h";
}

std::string frames_words(Json const& status) {
    Json const& frames = part(status, "frames");
    if (!find(status, "frames")) return "";
    std::uint64_t const expected = count(frames, "expected"), received = count(frames, "received");
    return expected == 0 ? std::to_string(received) + " frames" : std::to_string(received) + "/" + std::to_string(expected);
}

std::string percent_words(Json const& status) {
    Json const& frames = part(status, "frames");
    std::uint64_t const expected = count(frames, "expected"), received = count(frames, "received");
    return expected == 0 ? "" : fixed(std::floor(100 * static_cast<double>(received) / static_cast<double>(expected)), 0) + "%";
}

std::string missing_words(Json const& status) {
    auto const missing = count(part(status, "frames"), "missing");
    return missing == 0 ? "" : std::to_string(missing) + " missing";
}

std::vector<NamedAlarm> new_alarms(Json const& status) {
    std::vector<NamedAlarm> out;
    for (Json const& alarm : part(status, "alarms")) {
        Json const* const acknowledged = find(alarm, "acknowledged");
        if (acknowledged && *acknowledged == true) continue;
        if (std::string const name = text(alarm, "name"); !name.empty()) out.push_back({name, text(alarm, "message")});
    }
    return out;
}

std::string joined(std::vector<std::string> const& words, char const* between) {
    std::string out;
    for (std::string const& word : words)
        if (!word.empty()) out += (out.empty() ? "" : between) + word;
    return out;
}

std::size_t columns(std::string const& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut(std::string const& text, std::size_t width) {
    if (columns(text) <= width) return text;
    std::size_t end = 0;
    for (std::size_t taken = 0; end < text.size(); ++end) {
        bool const begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
        if (begins && ++taken == std::max<std::size_t>(width, 1)) break;
    }
    return text.substr(0, end) + "~";
}

} // namespace sqd::watching
