#include "detectors/simulated/faults.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace sqd::simulated {

namespace {

using What = Sending::What;

bool is_frame(Sending const& sending) {
    return sending.what == What::frame && sending.harm == Harm::none;
}

/// "K": every K-th frame, `usual` where none is written. "A-B": those from A to B.
bool chosen(Fault const& fault, std::uint64_t usual, std::uint64_t frame) {
    if (fault.range) return frame >= fault.first && frame <= fault.last;
    auto const every = fault.first == 0 ? usual : fault.first;
    return frame % every == every - 1;
}

void leave_out(Schedule& schedule, What what) {
    std::erase_if(schedule, [&](Sending const& sending) { return sending.what == what; });
}

/// The frame that the fault names, else the one in the middle.
std::uint64_t named_frame(Schedule const& schedule, Fault const& fault) {
    if (!fault.value.empty()) return fault.first;
    std::uint64_t past_last = 0;
    for (auto const& sending : schedule)
        if (sending.what == What::frame) past_last = std::max(past_last, sending.frame + 1);
    return past_last / 2;
}

void stop_early(Schedule& schedule, Fault const& fault) {
    auto const stop = named_frame(schedule, fault);
    std::erase_if(schedule, [&](Sending const& sending) { return sending.what == What::frame && sending.frame >= stop; });
}

/// Behind every chosen frame once more the same, with `harm`.
void follow(Schedule& schedule, Fault const& fault, std::uint64_t usual, Harm harm) {
    Schedule out;
    for (auto const& sending : schedule) {
        out.push_back(sending);
        if (is_frame(sending) && chosen(fault, usual, sending.frame)) out.push_back({What::frame, sending.frame, harm});
    }
    schedule = std::move(out);
}

void harm_chosen(Schedule& schedule, Fault const& fault, std::uint64_t usual, Harm harm) {
    for (auto& sending : schedule)
        if (is_frame(sending) && chosen(fault, usual, sending.frame)) sending.harm = harm;
}

void missing_start(Schedule& schedule, Fault const&) {
    leave_out(schedule, What::start);
}
void missing_end(Schedule& schedule, Fault const&) {
    leave_out(schedule, What::end);
}
void abort_without_end(Schedule& schedule, Fault const& fault) {
    stop_early(schedule, fault);
    leave_out(schedule, What::end);
}
void duplicates(Schedule& schedule, Fault const& fault) {
    follow(schedule, fault, 3, Harm::none);
}
void stray_parts(Schedule& schedule, Fault const& fault) {
    follow(schedule, fault, 3, Harm::stray);
}
void corrupt(Schedule& schedule, Fault const& fault) {
    harm_chosen(schedule, fault, 3, Harm::corrupt);
}
void too_many_parts(Schedule& schedule, Fault const& fault) {
    harm_chosen(schedule, fault, 3, Harm::crowded);
}
void gaps(Schedule& schedule, Fault const& fault) {
    std::erase_if(schedule, [&](Sending const& sending) { return is_frame(sending) && chosen(fault, 3, sending.frame); });
}
void reordering(Schedule& schedule, Fault const& fault) {
    auto const window = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(fault.first == 0 ? 2 : fault.first, schedule.size()));
    auto begin = std::find_if(schedule.begin(), schedule.end(), is_frame);
    auto const end = std::find_if_not(begin, schedule.end(), is_frame);
    for (; begin < end; begin += std::min(window, end - begin)) std::reverse(begin, begin + std::min(window, end - begin));
}
void disconnect(Schedule& schedule, Fault const& fault) {
    auto const torn = named_frame(schedule, fault);
    for (auto& sending : schedule)
        if (is_frame(sending) && sending.frame == torn) sending.harm = Harm::torn;
}
void nothing(Schedule&, Fault const&) {}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    auto const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, number);
    constexpr std::uint64_t largest = 100'000'000;
    return error == std::errc{} && stop == end && number <= largest ? std::optional(number) : std::nullopt;
}

DataError refusal(std::string const& text, std::string const& why, std::string const& suggestion) {
    return DataError("fault '" + text + "' is not understood (" + why + ") " + suggestion);
}

void parse_value(Fault& fault, FaultEntry const& entry, std::string const& text) {
    std::string_view const value = fault.value, shape = entry.value;
    if (value.empty()) return;
    if (shape.empty()) throw refusal(text, fault.name + " has no value", "leave out '='");
    if (shape == "DIALECT") return;
    auto const dash = value.find('-');
    auto const first = parse_number(value.substr(0, dash));
    fault.range = dash != value.npos;
    auto const last = fault.range ? parse_number(value.substr(dash + 1)) : first;
    bool const ranges = shape == "K|A-B", counted_from_zero = shape == "FRAME" || fault.range;
    if (!first || !last || *last < *first || (fault.range && !ranges) || (*first == 0 && !counted_from_zero))
        throw refusal(text, '\'' + fault.value + "' is no " + entry.value, "write " + fault.name + '=' + (ranges ? "3 or 3-5" : "3"));
    fault.first = *first;
    fault.last = *last;
}

} // namespace

std::vector<FaultEntry> const& fault_table() {
    static std::vector<FaultEntry> const table{
        {"missing_start", "", "the start is not sent", missing_start},
        {"missing_end", "", "the end is not sent", missing_end},
        {"abort", "FRAME", "stops before frame FRAME (the middle) without an end", abort_without_end},
        {"abort_with_end", "FRAME", "stops before frame FRAME (the middle) and says so", stop_early},
        {"duplicates", "K|A-B", "every K-th frame (third), or those from A to B, twice in a row", duplicates},
        {"reordering", "K", "each K frames (2) are sent backwards", reordering},
        {"gaps", "K|A-B", "every K-th frame (third), or those from A to B, left out", gaps},
        {"corrupt", "K|A-B", "damaged pixels in every K-th frame (third), or in those from A to B", corrupt},
        {"stray_parts", "K|A-B", "the rest of a torn message behind every K-th frame (third), or behind those from A to B", stray_parts},
        {"too_many_parts", "K|A-B", "twenty parts too many in every K-th frame (third), or in those from A to B", too_many_parts},
        {"firmware_change", "DIALECT", "the series speaks another dialect: other bits, encoding, header", nothing},
        {"thief", "", "a second client takes every other message of the series", nothing},
        {"disconnect", "FRAME", "the connection dies in the middle of frame FRAME (the middle) and comes back", disconnect},
    };
    return table;
}

Fault parse_fault(std::string const& text) {
    Fault fault;
    std::string_view rest = text;
    if (auto const colon = rest.find(':'); colon != rest.npos) {
        auto const series = parse_number(rest.substr(0, colon));
        if (!series || *series == 0) throw refusal(text, "series are counted from 1", "write 2:gaps=10 for the second one");
        fault.series = *series;
        rest.remove_prefix(colon + 1);
    }
    auto const equals = std::min(rest.find('='), rest.size());
    fault.name = rest.substr(0, equals);
    fault.value = rest.substr(std::min(equals + 1, rest.size()));
    if (equals + 1 == rest.size()) throw refusal(text, "nothing follows '='", "leave it out, or write a value");
    std::string known;
    for (auto const& entry : fault_table()) {
        if (fault.name == entry.name) {
            parse_value(fault, entry, text);
            return fault;
        }
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw refusal(text, "known: " + known, "see --fault help");
}

std::string fault_help() {
    std::string text;
    for (auto const& entry : fault_table()) {
        std::string line = std::string("  ") + entry.name + (*entry.value != 0 ? std::string("[=") + entry.value + ']' : "");
        line.resize(std::max(line.size() + 1, std::size_t{30}), ' ');
        text += line + entry.meaning + '\n';
    }
    return text;
}

Schedule misbehave(Schedule schedule, Fault const& fault) {
    for (auto const& entry : fault_table())
        if (fault.name == entry.name) entry.apply(schedule, fault);
    return schedule;
}

} // namespace sqd::simulated
