// A control with all it looks at and acts on; the test says what the facts are and who obeys.
#pragma once

#include "daemon/run/control.hpp"
#include "tests/support/fake_clock.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd::test {

struct ControlBench {
    FakeClock clock;
    AnnouncementBoard announcements;
    ReferenceBoard references;
    BackgroundBoard backgrounds{{}};
    AlarmBoard alarms;
    Counters counters;
    Sequence sequence;
    SentMessages sent;
    FinalHistory finals;
    ClientCounts clients;
    std::vector<ScanOrder> orders; ///< given, where nobody else obeys
    bool shutdown = false;
    std::vector<ScanBefore> scans_before;
    std::vector<std::string> announced_before;
    std::size_t kept = 0; ///< how often choices were written down
    bool disk_works = true;
    std::function<ComparedResult(std::string const&)> read_archived = [](std::string const&) { return ComparedResult{}; };
    std::function<ServiceFacts()> facts = [] { return ServiceFacts{}; };
    std::function<std::optional<Obeyed>(ScanOrder)> order = [this](ScanOrder given) {
        orders.push_back(std::move(given));
        return std::optional(Obeyed::durable);
    };
    Control control{{.speaker = {"id13", "epoch"},
                     .effective_config = "",
                     .config_sha256 = "",
                     .config_file = "",
                     .announcements = announcements,
                     .references = references,
                     .backgrounds = backgrounds,
                     .read_archived = [this](std::string const& name) { return read_archived(name); },
                     .alarms = alarms,
                     .counters = counters,
                     .facts = [this] { return facts(); },
                     .order = [this](ScanOrder given) { return order(std::move(given)); },
                     .clock = clock,
                     .sequence = sequence,
                     .sent = sent,
                     .finals = finals,
                     .clients = clients,
                     .queue_high_water = [] { return std::size_t{0}; },
                     .request_shutdown = [this] { shutdown = true; },
                     .scans_before = scans_before,
                     .announced_before = announced_before,
                     .choices_are_kept =
                         [this] {
                             ++kept;
                             return disk_works;
                         },
                     .patience = std::chrono::milliseconds(0)}};

    ControlBench() = default;
    explicit ControlBench(std::vector<ScanBefore> scans, std::vector<std::string> announced = {})
        : scans_before(std::move(scans)), announced_before(std::move(announced)) {}
    ControlBench(ControlBench const&) = delete;
    ControlBench& operator=(ControlBench const&) = delete;

    Json operator()(Json const& request) { return control(request.dump()).json; }
    Json operator()(std::string const& text) { return control(text).json; }
};

/// "ok", or the code of the refusal.
inline std::string code_of(Json const& reply) {
    return reply.at("ok") == true ? std::string("ok") : reply.at("error").at("code").get<std::string>();
}
inline std::string message_of(Json const& reply) {
    return reply.at("ok") == true ? std::string() : reply.at("error").at("message").get<std::string>();
}

} // namespace sqd::test
