#include "daemon/run/chain.hpp"

#include "daemon/run/config_versions.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/job_queue.hpp"
#include "daemon/run/lag_alarm.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "daemon/run/provenance.hpp"
#include "daemon/run/result_alarms.hpp"
#include "daemon/run/thread_name.hpp"
#include "daemon/run/thread_priority.hpp"
#include "detectors/descriptions.hpp"
#include "detectors/models.hpp"
#include "pipeline/reduce/compare.hpp"
#include "pipeline/stream/reducer.hpp"
#include "pipeline/stream/worker_pool.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace sqd {
namespace {

using namespace std::chrono_literals;

/// Behind a job that takes longer the processing still waits, but does not call itself alive: no final takes that long, and the watchdog
/// may start the program anew.
constexpr double longest_job_s = 600;

/// What is wrong with what a detector says of itself, when it is not the configured one.
std::optional<std::string> detector_disagreement(DetectorModel const& model, SeriesStart const& said) {
    if (said.rows != 0 && (said.rows != model.rows || said.cols != model.cols))
        return shape_disagreement(said.rows, said.cols, model.rows, model.cols, model.name);
    return description_disagreement(said.description, model);
}

/// The mask is that of the start, whatever was read again since.
ProcessorConfig processor_config(ConfigVersion const& version, Mask const& mask) {
    Config const& config = *version.config;
    ProcessorConfig out;
    out.config_id = version.sha256;
    out.geometry = config.geometry;
    out.mask = mask;
    out.stream_mask = config.stream_mask;
    out.integration = config.integration;
    out.sensor = config.detector.sensor;
    out.reduction = config.reduction;
    out.scan = config.scan;
    out.background_use = config.background_use;
    out.background_scan = config.background_scan;
    if (auto const* model = find_detector(config.detector.name))
        out.detector_disagreement = [model](SeriesStart const& said) { return detector_disagreement(*model, said); };
    out.partial_period_s = 1 / config.service.rate_hz;
    out.end_silence_s = config.source.end_silence_s;
    out.checkpoint_s = config.service.journal.checkpoint_s;
    out.resume_timeout_s = config.service.journal.resume_timeout_s;
    return out;
}

} // namespace

struct Chain::Parts {
    Config const& config; ///< of the start
    ConfigVersions versions;
    std::atomic<bool> new_version{false};
    Clock const& clock;
    Counters& counters;
    AlarmBoard& alarms;
    AnnouncementBoard& announcements;
    ReferenceBoard& references;
    BackgroundBoard& backgrounds;
    ChainHooks hooks;
    bool files;                                                        ///< as fast as the chain takes them, nothing is lost by waiting
    std::atomic<bool> failed{false}, taken_up{false}, restored{false}; ///< taken up by the processing; restored to the reduction
    std::atomic<double> lag_s{0}, job_taken_s{0};                      ///< Clock::steady_s when the reduction took its last job
    std::atomic<int> finals_under_way{0};
    ScanOrders orders;
    BoundedQueue<StreamEvent> events;
    JobQueue jobs;
    std::optional<PixelDigest> digest;
    WorkerPool workers;
    ChainPast past;
    std::jthread reducing, processing;

    Parts(ChainSurroundings const& s, ChainOptions const& options, ChainHooks hooks_in)
        : config(s.config), versions(std::shared_ptr<Config const>(std::shared_ptr<void>{}, &s.config)), clock(s.clock),
          counters(s.counters), alarms(s.alarms), announcements(s.announcements), references(s.references), backgrounds(s.backgrounds),
          hooks(std::move(hooks_in)), files(options.from_files), events(config.source.queue_bytes),
          workers(options.workers != 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency())) {
        if (!options.pixel_sha256_file.empty()) digest.emplace(options.pixel_sha256_file);
    }

    void process();
    void take_up_interrupted(SeriesProcessor& processor);
    bool take_up(SeriesProcessor& processor, InterruptedSeries const& series);
    void reduce();
    void give_job(ReductionJob job);
    void reduce_one(Reducer& reducer, ReductionJob const& job);
    void set_against_reference(ReducedResult& result);
    void guarded(char const* thread, std::function<void()> const& body);
    void fail(char const* thread, char const* what);
};

void Chain::Parts::guarded(char const* thread, std::function<void()> const& body) {
    name_thread(thread);
    try {
        body();
    } catch (std::exception const& error) {
        fail(thread, error.what());
    } catch (...) {
        fail(thread, "an exception that is none of the standard's");
    }
}

/// Both queues close, so that nobody waits for the thread that is gone.
void Chain::Parts::fail(char const* thread, char const* what) {
    spdlog::critical("{}: {} (the program ends)", thread, what);
    failed = true;
    events.close();
    jobs.close();
}

/// The processing thread: events and ticks into the state machine, until the queue is closed and empty.
void Chain::Parts::process() {
    SeriesProcessor processor(
        processor_config(versions.current(), config.mask), workers.parallel_for(), clock, announcements, alarms, counters,
        {.reduce = [this](ReductionJob job) { give_job(std::move(job)); },
         .notice = hooks.notice,
         .progress = hooks.progress,
         .load = [this] { return files ? 0.0 : static_cast<double>(events.weight()) / static_cast<double>(events.max_weight()); },
         .opening = hooks.opening,
         .checkpoint = hooks.checkpoint,
         .begun = hooks.begun,
         .ended = hooks.ended,
         .unopened = hooks.unopened});
    take_up_interrupted(processor);
    taken_up = true;
    LagAlarm lag(alarms, clock);
    double next_tick = clock.steady_s();
    while (!events.drained()) {
        if (new_version.exchange(false)) processor.configure(processor_config(versions.current(), config.mask));
        auto event = events.pop(20ms);
        if (event) {
            if (digest) {
                if (auto const* frame = std::get_if<Frame>(&*event)) digest->write(*frame);
            }
            processor.on(std::move(*event));
        }
        while (auto const order = orders.take(events.popped())) {
            orders.obeyed(processor.obey(*order));
        }
        double const now = clock.steady_s();
        if (now >= next_tick) {
            processor.tick();
            lag_s = lag(events.pushed(), events.popped());
            next_tick = now + 0.02;
            if (hooks.alive) hooks.alive();
        }
    }
    processor.finish("shutdown");
    jobs.close();
}

/// Of several that did not end only the newest can go on.
void Chain::Parts::take_up_interrupted(SeriesProcessor& processor) {
    for (std::size_t i = 0; i < past.interrupted.size(); ++i) {
        InterruptedSeries const& series = past.interrupted[i];
        if (!take_up(processor, series)) continue;
        if (series.ended) {
            spdlog::info("scan '{}' ({}) was ended by control before the restart", series.ended->id, series.ended->uid);
            processor.end_interrupted(*series.ended);
            continue;
        }
        if (!series.ends_because.empty()) {
            std::string const why = "scan '" + series.state.opening.scan.id + "' does not go on after the restart: " + series.ends_because;
            spdlog::warn("{} (it ends as it stands)", why);
            alarms.raise("not_resumed", why + " (it ends as it stands, aborted) measure it again", clock.utc_ns());
        }
        if (i + 1 < past.interrupted.size() || !series.ends_because.empty()) processor.end_interrupted();
    }
    past.interrupted.clear();
    if (past.begun) processor.resume(*std::exchange(past.begun, std::nullopt));
}

/// Under the configuration that it was begun with; those that follow have the present one. False where there is nothing to take up.
bool Chain::Parts::take_up(SeriesProcessor& processor, InterruptedSeries const& series) {
    if (series.config) {
        versions.add_earlier(series.config);
        processor.configure(processor_config(versions.of(sha256_hex(series.config->effective_yaml)), config.mask));
    }
    bool taken = true;
    try {
        processor.resume(series.state);
    } catch (DataError const& error) { // its books are wrong in themselves
        spdlog::error("scan {} cannot be taken up: {}", series.state.opening.scan.uid, error.what());
        if (hooks.no_result) hooks.no_result(series.state.opening.scan);
        taken = false;
    }
    if (series.config) processor.configure(processor_config(versions.current(), config.mask));
    return taken;
}

/// The reduction thread: the recipe for each job, in the time that the sums leave.
void Chain::Parts::reduce() {
    yield_to_others();
    WorkerPool pool(workers.slots()); // its threads inherit that they yield
    ConfigVersion version = versions.current();
    ProvenanceOf provenance(version.config);
    Reducer reducer({.detector = config.detector.name,
                     .provenance = [&provenance](BinMap const& bins, ReducedCurves const& curves) { return provenance(bins, curves); }},
                    clock, pool.parallel_for());
    reducer.never_forget(config.background_scan);
    for (auto& background : past.kept.backgrounds) {
        backgrounds.finished({background.uid, background.id});
        reducer.restore(std::move(background));
    }
    if (past.kept.dark) reducer.restore(std::move(*past.kept.dark));
    restored = true;
    while (!jobs.drained()) {
        auto job = jobs.pop(100ms);
        if (!job) continue;
        job_taken_s = clock.steady_s();
        backgrounds.apply(*job);
        if (job->config_id != version.sha256) provenance = ProvenanceOf((version = versions.of(job->config_id)).config);
        try {
            reduce_one(reducer, *job);
        } catch (std::exception const& error) { // one scan's result is lost, those of the next need not be
            bool const fresh =
                alarms.raise("reduction", "scan '" + job->scan.id + "' has no result (" + error.what() + ")", clock.utc_ns());
            if (fresh || job->state != ResultState::partial) {
                spdlog::error("reduction: scan '{}' ({}): {}", job->scan.id, job->scan.uid, error.what());
            }
            if (job->state != ResultState::partial && hooks.no_result) hooks.no_result(job->scan);
        }
        if (job->state != ResultState::partial) --finals_under_way;
    }
}

void Chain::Parts::give_job(ReductionJob job) {
    if (job.state != ResultState::partial) ++finals_under_way;
    jobs.push(std::move(job), [this] {
        if (hooks.alive && clock.steady_s() - job_taken_s < longest_job_s) hooks.alive();
    });
}

void Chain::Parts::reduce_one(Reducer& reducer, ReductionJob const& job) {
    auto result = std::make_shared<ReducedResult>(reducer(job));
    raise_alarms(*result, alarms, clock.utc_ns());
    auto const* const background = reducer.latest_background();
    if (background && background->uid == job.scan.uid && hooks.background) hooks.background(*background, reducer.take_forgotten());
    auto const* const dark = reducer.dark();
    if (dark && dark->dark.uid == job.scan.uid && hooks.dark) hooks.dark(*dark);
    if (result->scan.role == Role::sample) set_against_reference(*result);
    if (hooks.points && job.map && !job.counts.frames.empty()) hooks.points(map_points(job, *result));
    bool const stored = result->scan.role == Role::background && result->state == ResultState::final;
    if (stored && reducer.latest_background() && reducer.latest_background()->uid == result->scan.uid)
        backgrounds.finished({result->scan.uid, result->scan.id});
    hooks.result(std::move(result));
}

/// A final may be the reference of those that follow as soon as it has gone out.
void Chain::Parts::set_against_reference(ReducedResult& result) {
    auto own = std::make_shared<ComparedResult const>(compared_part(result));
    auto const reference = references.current();
    if (reference && reference->uid != own->uid) result.comparison = std::make_shared<Comparison const>(compare(*reference, *own));
    if (result.state == ResultState::final) references.remember(std::move(own));
}

Chain::Chain(ChainSurroundings const& surroundings, ChainOptions const& options, ChainHooks hooks, ChainPast past)
    : parts_(std::make_unique<Parts>(surroundings, options, std::move(hooks))) {
    parts_->past = std::move(past);
}

Chain::~Chain() {
    finish();
}

EventGate Chain::gate() {
    return {parts_->events, parts_->counters, parts_->clock};
}

std::size_t Chain::queue_bytes() const {
    return parts_->events.weight();
}

std::size_t Chain::waiting_bytes() const {
    return parts_->events.weight() + parts_->jobs.bytes();
}

void Chain::use(std::shared_ptr<Config const> config) {
    parts_->versions.add(std::move(config));
    parts_->new_version = true;
}

std::size_t Chain::queue_high_water() const {
    return parts_->events.high_water();
}

ChainPast const& Chain::past() const {
    return parts_->past;
}

std::optional<Obeyed> Chain::order(ScanOrder order) {
    return parts_->orders.give(std::move(order), parts_->events.pushed(), 500ms);
}

double Chain::lag_s() const {
    return parts_->lag_s;
}

bool Chain::reducing() const {
    return parts_->finals_under_way > 0;
}

void Chain::start() {
    Parts& p = *parts_;
    p.reducing = std::jthread([&p] { p.guarded("reduction", [&p] { p.reduce(); }); });
    p.processing = std::jthread([&p] { p.guarded("processing", [&p] { p.process(); }); });
}

void Chain::finish() {
    Parts& p = *parts_;
    p.events.close();
    if (p.processing.joinable()) p.processing.join();
    p.jobs.close();
    if (p.reducing.joinable()) p.reducing.join();
}

bool Chain::taken_up() const {
    return parts_->taken_up && parts_->restored;
}

bool Chain::failed() const {
    return parts_->failed;
}

void Chain::guarded(char const* thread, std::function<void()> const& body) {
    parts_->guarded(thread, body);
}

} // namespace sqd
