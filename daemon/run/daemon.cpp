#include "daemon/run/daemon.hpp"

#include "daemon/archive/nexus_archive.hpp"
#include "daemon/run/archive_writer.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/intake.hpp"
#include "daemon/run/job_queue.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "daemon/run/service.hpp"
#include "daemon/run/systemd.hpp"
#include "detectors/registry.hpp"
#include "pipeline/stream/reducer.hpp"
#include "pipeline/stream/series_processor.hpp"
#include "pipeline/stream/uuid.hpp"
#include "pipeline/stream/worker_pool.hpp"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace sqd {
namespace {

using namespace std::chrono_literals;

ProcessorConfig processor_config(Config const& config) {
    ProcessorConfig out;
    out.geometry = config.geometry;
    out.mask = config.mask;
    out.stream_mask = config.stream_mask;
    out.integration = config.integration;
    out.sensor = config.detector.sensor;
    out.reduction = config.reduction;
    out.scan = config.scan;
    out.background_use = config.background_use;
    out.background_scan = config.background_scan;
    out.partial_period_s = 1 / config.service.rate_hz;
    out.end_silence_s = config.source.end_silence_s;
    return out;
}

/// Names of what was divided out or subtracted to get these curves, in order.
std::vector<std::string> corrections(Config const& config, ReducedCurves const& curves) {
    std::vector<std::string> out;
    IntegrationConfig const& i = config.integration;
    if (i.solid_angle) out.emplace_back("solid_angle");
    if (i.polarization_factor) out.push_back(fmt::format("polarization {:g}", *i.polarization_factor));
    if (i.sensor_efficiency && config.detector.sensor) {
        out.push_back(fmt::format("sensor_efficiency {} {:g} um", config.detector.sensor->material, config.detector.sensor->thickness_um));
    }
    if (curves.net) out.emplace_back("background");
    if (auto const& s = config.reduction.structure_factor; s && curves.sq) {
        if (config.reduction.sample.self_absorption) out.emplace_back("self_absorption flat_plate");
        if (s->fluorescence) out.emplace_back("fluorescence");
        if (s->compton) out.emplace_back("compton");
        if (s->laue == LaueForm::faber_ziman) out.emplace_back("laue");
    }
    return out;
}

/// Provenance with the mask's hash worked out once per mask.
class ProvenanceOf {
public:
    explicit ProvenanceOf(Config const& config) : config_(config) {
        base_.version = SQD_VERSION;
        base_.config_sha256 = sha256_hex(config.effective_yaml);
        base_.geometry_sha256 = geometry_sha256(config.geometry);
    }
    Provenance operator()(BinMap const& bins, ReducedCurves const& curves) {
        if (&bins != last_) {
            base_.mask_sha256 = mask_sha256(bins);
            last_ = &bins;
        }
        Provenance out = base_;
        out.corrections = corrections(config_, curves);
        return out;
    }

private:
    Config const& config_; ///< of the daemon that owns the reducer
    Provenance base_;
    BinMap const* last_ = nullptr;
};

} // namespace

struct Daemon::Parts {
    Config config;
    RunOptions options;
    SystemClock clock;
    Counters counters;
    AlarmBoard alarms;
    AnnouncementBoard announcements;
    StatusBoard status;
    std::atomic<bool> shutdown{false}, failed{false};
    zmq::context_t zmq{1};
    BoundedQueue<StreamEvent> events;
    JobQueue jobs;
    std::unique_ptr<ArchiveWriter> archive;
    std::optional<PixelDigest> digest;
    WorkerPool workers;
    Intake intake;
    Service service;
    Control control;

    Parts(Config config_in, RunOptions const& options_in, Speaker const& speaker)
        : config(std::move(config_in)), options(options_in), events(config.source.queue_bytes),
          archive(std::make_unique<ArchiveWriter>(std::make_unique<NexusArchive>(config.service.archive_directory, config.effective_yaml),
                                                  alarms, counters, clock)),
          workers(options.workers != 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency())),
          intake(zmq, config.source, make_decoder(config.source.kind, decoder_options(config)), events, counters, clock, make_tap()),
          service(zmq, config.service, speaker, clock, counters), control({.speaker = speaker,
                                                                           .effective_config = config.effective_yaml,
                                                                           .config_sha256 = sha256_hex(config.effective_yaml),
                                                                           .config_file = config.file,
                                                                           .announcements = announcements,
                                                                           .alarms = alarms,
                                                                           .counters = counters,
                                                                           .status = status,
                                                                           .clock = clock,
                                                                           .sequence = service.sequence(),
                                                                           .latest = service.latest(),
                                                                           .queue_high_water = [this] { return events.high_water(); },
                                                                           .request_shutdown = [this] { shutdown = true; },
                                                                           .started_s = clock.steady_s()}) {
        if (!options.pixel_sha256_file.empty()) digest.emplace(options.pixel_sha256_file);
    }

    std::unique_ptr<Tap> make_tap() {
        return config.source.tap ? std::make_unique<Tap>(zmq, *config.source.tap, counters, alarms, clock) : nullptr;
    }
    void process(std::stop_token const& stop);
    void reduce();
    void reduce_one(Reducer& reducer, ReductionJob const& job);
    template <class Body>
    void guarded(char const* thread, Body const& body);
    void fail(char const* thread, char const* what);
    void deliver(std::shared_ptr<ReducedResult> result);
};

/// The body of a thread: what it throws ends the program orderly, not by std::terminate.
template <class Body>
void Daemon::Parts::guarded(char const* thread, Body const& body) {
    try {
        body();
    } catch (std::exception const& error) {
        fail(thread, error.what());
    } catch (...) {
        fail(thread, "an exception that is none of the standard's");
    }
}

/// Both queues close, so that nobody waits for the thread that is gone.
void Daemon::Parts::fail(char const* thread, char const* what) {
    spdlog::critical("{}: {} (the program ends)", thread, what);
    failed = true;
    events.close();
    jobs.close();
}

/// The processing thread: events and ticks into the state machine, until the queue is closed and empty.
void Daemon::Parts::process(std::stop_token const& stop) {
    SeriesProcessor processor(processor_config(config), workers.parallel_for(), clock, announcements, alarms, counters,
                              {.reduce = [this](ReductionJob job) { jobs.push(std::move(job)); },
                               .notice = [this](SeriesNotice const& notice) { service.publish(notice); },
                               .progress = [this](Progress const& progress) { status.update(progress); }});
    double next_tick = clock.steady_s();
    while (!events.drained()) {
        auto event = events.pop(20ms);
        if (event) {
            if (digest) {
                if (auto const* frame = std::get_if<Frame>(&*event)) digest->write(*frame);
            }
            processor.on(std::move(*event));
        }
        double const now = clock.steady_s();
        if (now >= next_tick) {
            processor.tick();
            next_tick = now + 0.05;
            notify_watchdog();
        }
        if (stop.stop_requested()) events.close();
    }
    processor.finish("shutdown");
    jobs.close();
}

/// The reduction thread: the recipe for each job.
void Daemon::Parts::reduce() {
    Reducer reducer({.detector = config.detector.name, .provenance = ProvenanceOf(config)}, clock);
    while (!jobs.drained()) {
        auto job = jobs.pop(100ms);
        if (!job) continue;
        try {
            reduce_one(reducer, *job);
        } catch (std::exception const& error) { // one scan's result is lost, those of the next need not be
            bool const fresh =
                alarms.raise("reduction", "scan '" + job->scan.id + "' has no result (" + error.what() + ")", clock.utc_ns());
            if (fresh || job->state != ResultState::partial) {
                spdlog::error("reduction: scan '{}' ({}): {}", job->scan.id, job->scan.uid, error.what());
            }
        }
    }
}

void Daemon::Parts::reduce_one(Reducer& reducer, ReductionJob const& job) {
    auto result = std::make_shared<ReducedResult>(reducer(job));
    if (std::find(result->curves.flags.begin(), result->curves.flags.end(), "no_background") != result->curves.flags.end()) {
        alarms.raise("no_background", "there is no background yet (S(q) is withheld) measure one: announce role background",
                     clock.utc_ns());
    } else if (result->scan.role == Role::sample) {
        alarms.clear("no_background");
    }
    deliver(std::move(result));
}

/// Finals go to the archive first: `durable` is a promise.
void Daemon::Parts::deliver(std::shared_ptr<ReducedResult> result) {
    if (result->state != ResultState::partial) {
        result->durable = true; // as it will read in the file, once that is on disk
        auto saved = std::make_shared<ReducedResult const>(*result);
        if (!archive->write(saved, 1000ms)) result->durable = false;
    }
    service.publish(std::shared_ptr<ReducedResult const>(std::move(result)));
}

Daemon::Daemon(Config config, RunOptions const& options) {
    Speaker const speaker{config.instance, new_uuid()};
    parts_ = std::make_unique<Parts>(std::move(config), options, speaker);
}

Daemon::~Daemon() = default;

std::string const& Daemon::source_endpoint() const {
    return parts_->intake.endpoint();
}
std::string Daemon::tap_endpoint() const {
    return parts_->intake.tap_endpoint();
}
std::string const& Daemon::results_endpoint() const {
    return parts_->service.results_endpoint();
}
std::string const& Daemon::control_endpoint() const {
    return parts_->service.control_endpoint();
}

bool Daemon::run(std::function<bool()> const& stop_requested) {
    Parts& p = *parts_;
    std::jthread service([&p](std::stop_token token) { p.guarded("service", [&] { p.service.run(token, p.control); }); });
    std::jthread reduce([&p] { p.guarded("reduction", [&] { p.reduce(); }); });
    std::jthread process([&p](std::stop_token token) { p.guarded("processing", [&] { p.process(token); }); });
    std::jthread intake([&p](std::stop_token token) { p.guarded("intake", [&] { p.intake.run(token); }); });
    notify_ready();
    while (!p.shutdown && !p.failed && !stop_requested()) {
    }
    notify_stopping();
    spdlog::info("stopping: finishing what runs");
    intake.request_stop();
    intake.join();
    process.request_stop();
    process.join();
    reduce.join();
    p.archive.reset();
    service.request_stop();
    service.join();
    return !p.failed;
}

} // namespace sqd
