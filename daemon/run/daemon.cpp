#include "daemon/run/daemon.hpp"

#include "config/load.hpp"
#include "daemon/archive/read_result.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/chain.hpp"
#include "daemon/run/config_versions.hpp"
#include "daemon/run/control_choices.hpp"
#include "daemon/run/delivery.hpp"
#include "daemon/run/earlier_config.hpp"
#include "daemon/run/feed.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/interrupted_series.hpp"
#include "daemon/run/io_threads.hpp"
#include "daemon/run/memory_return.hpp"
#include "daemon/run/point_board.hpp"
#include "daemon/run/provenance.hpp"
#include "daemon/run/recovery.hpp"
#include "daemon/run/reload.hpp"
#include "daemon/run/scan_keeper.hpp"
#include "daemon/run/service.hpp"
#include "daemon/run/status_board.hpp"
#include "daemon/run/systemd.hpp"
#include "daemon/security/access.hpp"
#include "daemon/web/web_service.hpp"
#include "pipeline/stream/uuid.hpp"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sqd {

using namespace std::chrono_literals;

namespace {

/// What is left of an earlier start is handed to the chain; scans of which nothing can be gone on with end here.
ChainPast past_of(JournalContents const& before, ScanKeeper& keeper, Config const& now, FinalSaver& saver) {
    auto left = interrupted_series(before.interrupted, keeper.checkpoints());
    for (auto const& uid : left.over) saver.scan_closed(uid);
    ChainPast past{{}, std::move(left.begun), keeper.take_kept()};
    for (auto& [saved, ended] : left.series) {
        auto& [by, state] = saved;
        auto [config, unusable] = earlier_config(now, state.opening.config_id, by.config_yaml, [&now](std::string const& yaml) {
            return parse_config(yaml, now.file, read_mask_image, read_number_image);
        });
        past.interrupted.push_back({std::move(state), std::move(config), std::move(ended), std::move(unusable)});
    }
    return past;
}

/// What control began before the restart and is open still, and what it ended.
std::vector<ScanBefore> scans_before(ChainPast const& past, std::vector<ScanEnd> const& ended) {
    std::vector<ScanBefore> out;
    for (ScanEnd const& end : ended) out.push_back({end.request, end.uid, end.id});
    if (past.begun) out.push_back({past.begun->request, past.begun->uid, past.begun->said.name.value_or("")});
    if (!past.interrupted.empty() && past.interrupted.back().ends_because.empty() && !past.interrupted.back().ended) {
        SeriesOpening const& opening = past.interrupted.back().state.opening;
        if (opening.begun) out.push_back({opening.request, opening.scan.uid, opening.said.name.value_or("")});
    }
    return out;
}

/// What control had chosen.
ControlChoices choices_before(FinalSaver const& saver) {
    for (SealedContent const& kept : saver.choices_before()) {
        try {
            return read_choices(kept.bytes);
        } catch (DataError const& error) {
            spdlog::error("what control had chosen before cannot be read: {}", error.what());
        }
    }
    return {};
}

constexpr auto command_patience = 400ms; ///< with the journal's disk, of who asked for something and waits

} // namespace

struct Daemon::Parts {
    Config config; ///< of the start; what can be read again is in `versions`
    ConfigVersions versions;
    std::function<Config()> load_again;
    SystemClock clock;
    Counters counters;
    AlarmBoard alarms;
    AnnouncementBoard announcements;
    ReferenceBoard references;
    BackgroundBoard backgrounds;
    PointBoard points;
    StatusBoard status;
    HeartbeatBoard heartbeats;
    Pulses pulses;
    ResultLatencies latencies;
    SourceLink source;
    std::atomic<bool> shutdown{false}, started{false}, stopping{false};
    Journal journal;              ///< and with it the lock that keeps a second service away
    JournalContents const before; ///< this start
    NexusArchive archive;
    FinalSaver saver;
    ChoiceKeeper choices;
    ScanKeeper keeper;
    FinalHistory history;
    zmq::context_t zmq{io_threads};
    Access access;
    Chain chain;
    Feed feed;
    Service service;
    Control control;
    Delivery deliver;
    WebService web;
    std::vector<std::function<void()>> reload_hooks; ///< what else is read again

    Parts(Config config_in, RunOptions const& options, Speaker const& speaker)
        : config(std::move(config_in)), versions(std::shared_ptr<Config const>(std::shared_ptr<void>{}, &config)),
          load_again(options.reload_config), backgrounds({config.background_use, config.background_scan}),
          journal(config.service.journal.directory), before(read_contents(journal)),
          archive(
              config.service.archive_directory, [this](std::string const& sha256) { return versions.of(sha256).config->effective_yaml; },
              config.service.detector_files),
          saver({config.service, journal, archive, alarms, counters, clock, [this] { pulses.archive = clock.steady_s(); }}, before),
          choices(announcements, backgrounds, references,
                  [this](std::vector<std::byte> bytes) { return saver.keep_choices(std::move(bytes)); }),
          keeper({.directory = config.service.journal.directory,
                  .version = SQD_VERSION,
                  .conditions = measuring_conditions(config),
                  .checkpoint_s = config.service.journal.checkpoint_s,
                  .alarms = alarms,
                  .counters = counters,
                  .clock = clock}),
          access(zmq, config.service.security, alarms, counters, clock),
          chain({config, clock, counters, alarms, announcements, references, backgrounds},
                {.workers = options.workers, .pixel_sha256_file = options.pixel_sha256_file},
                {.result =
                     [this](std::shared_ptr<ReducedResult> const& result) {
                         deliver(result);
                         latencies.add(*result, clock.utc_ns());
                     },
                 .no_result = [this](ScanIdentity const& scan) { saver.scan_closed(scan.uid); },
                 .notice = [this](SeriesNotice const& notice) { tell(notice); },
                 .progress = [this](Progress const& progress) { status.update(progress); },
                 .alive =
                     [this] {
                         pulses.processing = clock.steady_s();
                         notify_watchdog();
                     },
                 .opening =
                     [this](SeriesOpening const& opening) {
                         SavedBy const by{SQD_VERSION, versions.of(opening.config_id).config->effective_yaml};
                         bool const saved =
                             saver.scan_started(opening.scan.uid, opening_bytes(opening, by), 250ms, opening.announcement_id);
                         if (saved && announcements.saved(opening.announcement_id)) choices.keep(0ms);
                     },
                 .checkpoint = [this](SeriesState state) { keeper.checkpoint(std::move(state)); },
                 .begun =
                     [this](OpenScan const& scan) {
                         return saver.scan_started(scan.uid, begun_bytes(scan, {SQD_VERSION, ""}), command_patience);
                     },
                 .ended = [this](ScanEnd const& end) { return saver.scan_ended(end, command_patience); },
                 .unopened = [this](std::string const& uid) { saver.scan_closed(uid); },
                 .background = [this](StoredBackground background,
                                      std::vector<std::string> const& forgotten) { keeper.keep(std::move(background), forgotten); },
                 .dark = [this](StoredDark dark) { keeper.keep(std::move(dark)); },
                 .points = [this](MapPoints of_map) { points.put(std::move(of_map)); }},
                past_of(before, keeper, config, saver)),
          feed(open_feed(zmq, config, chain.gate(), counters, alarms, source, clock, going_on(chain.past()))),
          service(zmq, config.service, client_bounds(config.integration), access, speaker, alarms, clock, counters),
          control({.speaker = speaker,
                   .effective_config = config.effective_yaml,
                   .config_sha256 = sha256_hex(config.effective_yaml),
                   .config_file = config.file,
                   .announcements = announcements,
                   .references = references,
                   .backgrounds = backgrounds,
                   .read_archived = [this](std::string const& name) { return read_archived(config.service.archive_directory, name); },
                   .alarms = alarms,
                   .counters = counters,
                   .facts = [this] { return facts(); },
                   .order = [this](ScanOrder order) { return chain.order(std::move(order)); },
                   .clock = clock,
                   .sequence = service.sequence(),
                   .sent = service.sent(),
                   .finals = history,
                   .clients = service.clients(),
                   .queue_high_water = [this] { return chain.queue_high_water(); },
                   .request_shutdown = [this] { shutdown = true; },
                   .started_s = clock.steady_s(),
                   .reloaded_config = [this] { return std::pair(versions.current().config->effective_yaml, versions.current().sha256); },
                   .command_refused = [this](Asker const& asker, std::string const& command) { access.command_refused(asker, command); },
                   .scans_before = scans_before(chain.past(), before.ended),
                   .announced_before = take_up_choices(),
                   .choices_are_kept = [this] { return choices.keep(command_patience); },
                   .patience = command_patience}),
          deliver({.speaker = speaker,
                   .sequence = service.sequence(),
                   .archive = archive,
                   .saver = saver,
                   .history = history,
                   .alarms = alarms,
                   .counters = counters,
                   .clock = clock,
                   .publish = [this](Messages messages) { service.publish(std::move(messages)); }}),
          web({.config = config.service.web,
               .speaker = speaker,
               .clock = clock,
               .heartbeats = heartbeats,
               .pulses = pulses,
               .latencies = latencies,
               .queue_bytes = [this] { return chain.queue_bytes(); },
               .queue_high_water = [this] { return chain.queue_high_water(); },
               .queue_limit = config.source.queue_bytes,
               .log = options.log,
               .effective_config = [this] { return versions.current().config->effective_yaml; },
               .finals = history,
               .points = points,
               .archive = config.service.archive_directory,
               .command = [this](Json const& command) { return service.ask(to_text(command), 2s); }}) {
        service.tell_sent([this](WireMessage const& message, SentPtr const& sent) { web.show(message, sent); });
        service.tell_beats([this](Json const& body) {
            heartbeats.put(body);
            pulses.service = clock.steady_s();
        });
        for (auto const& series : chain.past().interrupted) {
            if (series.config) versions.add_earlier(series.config);
        }
        reload_hooks.emplace_back([this] { reload_config(); });
        reload_hooks.emplace_back([this] { access.reload(); });
        try_archive(config.service.archive_directory, alarms, clock);
        recover(journal, before, history, alarms, counters, clock);
        web.show_past();
    }

    std::vector<std::string> take_up_choices();
    void take_up_reference(ReferenceName const& name);
    void reload_config();
    /// A series that ended without a frame has no result that would close it.
    void tell(SeriesNotice const& notice) {
        if (notice.no_result) {
            choices.keep(0ms); // what was announced for it is pending again
            saver.scan_closed(notice.scan.uid);
        }
        service.publish(notice);
    }

    ServiceFacts facts() const {
        return {.started = started,
                .stopping = stopping,
                .source_there = source.there(),
                .source_absent = feed.absent,
                .announced = announcements.pending(),
                .reducing = chain.reducing(),
                .lag_s = chain.lag_s(),
                .progress = status.progress()};
    }
};

/// Onto the boards; returns the `request` of the announcement that is pending, if one is.
std::vector<std::string> Daemon::Parts::take_up_choices() {
    auto chosen = choices_before(saver);
    if (chosen.background) backgrounds.choose(chosen.background);
    if (chosen.reference) take_up_reference(*chosen.reference);
    if (!chosen.announcement) return {};
    if (before.announcements.contains(chosen.announcement->id)) { // a scan has it
        choices.keep(0ms);
        return {};
    }
    std::string const request = chosen.announcement->request;
    spdlog::info("'{}' was announced before the restart and is pending", chosen.announcement->said.name.value_or(""));
    announcements.place(*std::move(chosen.announcement));
    return {request};
}

void Daemon::Parts::take_up_reference(ReferenceName const& name) {
    try {
        if (!std::filesystem::exists(std::filesystem::path(config.service.archive_directory) / name.file)) saver.archive_due();
        references.choose(std::make_shared<ComparedResult const>(read_archived(config.service.archive_directory, name.file)), name.file);
    } catch (std::exception const& error) { // a file, whatever is wrong with it
        std::string const why =
            fmt::format("the reference of before the restart, '{}' ({}), cannot be read: {}", name.id, name.uid, error.what());
        spdlog::warn("{}", why);
        alarms.raise("reference", why + " (results are not compared) choose it again", clock.utc_ns());
    }
}

/// The configuration's own part of Daemon::reload().
void Daemon::Parts::reload_config() {
    if (!load_again) return;
    Reload again = sqd::reload(config, versions.current().config->effective_yaml, load_again);
    if (!again.refused.empty()) {
        alarms.raise("config", again.refused, clock.utc_ns());
        spdlog::error("reload: {}", again.refused);
        return;
    }
    alarms.clear("config");
    if (again.changed.empty()) return spdlog::info("reload: the configuration says what it said before");
    std::string keys;
    for (auto const& key : again.changed) keys += (keys.empty() ? "" : ", ") + key;
    backgrounds.configure({again.config->background_use, again.config->background_scan});
    versions.add(again.config);
    chain.use(std::move(again.config));
    spdlog::info("reload: from the next series on with other {}", keys);
}

Daemon::Daemon(Config config, RunOptions const& options) {
    Speaker const speaker{config.instance, new_uuid()};
    parts_ = std::make_unique<Parts>(std::move(config), options, speaker);
}

Daemon::~Daemon() = default;

std::string const& Daemon::source_endpoint() const {
    return parts_->feed.endpoint;
}
std::string const& Daemon::tap_endpoint() const {
    return parts_->feed.tap_endpoint;
}
std::string const& Daemon::results_endpoint() const {
    return parts_->service.results_endpoint();
}
std::string const& Daemon::control_endpoint() const {
    return parts_->service.control_endpoint();
}

std::string Daemon::web_endpoint() const {
    return parts_->web.endpoint();
}

void Daemon::reload() {
    for (auto const& hook : parts_->reload_hooks) hook();
}

bool Daemon::run(std::function<bool()> const& stop_requested, std::function<void()> const& ready, std::function<void()> const& stopping) {
    Parts& p = *parts_;
    std::jthread service([&p](std::stop_token token) { p.chain.guarded("service", [&] { p.service.run(token, p.control); }); });
    std::jthread web([&p](std::stop_token const& token) { p.chain.guarded("web", [&] { p.web.run(token); }); });
    p.saver.start();
    p.chain.start();
    std::jthread intake([&p](std::stop_token token) { p.chain.guarded("intake", [&] { p.feed.run(token); }); });
    auto const goes_on = [&] { return !p.shutdown && !p.chain.failed() && !p.access.failed() && !stop_requested(); };
    MemoryReturn memory;
    bool running = true;
    while (running && !p.chain.taken_up()) running = goes_on(); // before it is known what stands open no command may change it
    if (running) {
        p.started = true;
        notify_ready();
        if (ready) ready();
    }
    while (running) {
        if (memory.due(p.chain.waiting_bytes(), p.chain.reducing(), p.counters.series_finished, p.clock.steady_s())) malloc_trim(0);
        running = goes_on();
    }
    p.stopping = true;
    notify_stopping();
    if (stopping) stopping();
    spdlog::info("stopping: finishing what runs");
    intake.request_stop();
    intake.join();
    p.chain.finish();
    p.saver.finish();
    service.request_stop();
    service.join();
    return !p.chain.failed() && !p.access.failed();
}

} // namespace sqd
