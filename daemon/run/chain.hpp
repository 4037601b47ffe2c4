// From events to results: processing and reduction, each a thread. One chain serves `run` and `replay`, so they cannot differ.
#pragma once

#include "config/config.hpp"
#include "daemon/publish/point_message.hpp"
#include "daemon/run/background_board.hpp"
#include "daemon/run/chain_past.hpp"
#include "daemon/run/event_gate.hpp"
#include "daemon/run/reference_board.hpp"
#include "pipeline/core/results.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/announcement.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

struct ChainOptions {
    std::size_t workers = 0;       ///< threads of the hot path, and as many of the reduction's loops over pixels; 0 = one per core
    std::string pixel_sha256_file; ///< empty = no audit of pixels
    bool from_files = false;       ///< frames come as fast as they are taken: no overload, nothing is lost by waiting
};

/// What others do beside it. The configuration outlives the chain.
struct ChainSurroundings {
    Config const& config;
    Clock const& clock;
    Counters& counters;
    AlarmBoard& alarms;
    AnnouncementBoard& announcements;
    ReferenceBoard& references;
    BackgroundBoard& backgrounds;
};

/// Where results go; called from the chain's threads.
struct ChainHooks {
    std::function<void(std::shared_ptr<ReducedResult>)> result; ///< to be saved and published; the chain forgets it
    std::function<void(ScanIdentity const&)> no_result;         ///< of a scan that ended
    std::function<void(SeriesNotice const&)> notice;
    std::function<void(Progress const&)> progress;
    /// Some 50 times a second from the processing thread; every second while it waits behind a final.
    std::function<void()> alive;
    std::function<void(SeriesOpening const&)> opening = {};                          ///< as of SeriesProcessor
    std::function<void(SeriesState)> checkpoint = {};                                ///< the same; absent: none are made
    std::function<bool(OpenScan const&)> begun = {};                                 ///< the same
    std::function<bool(ScanEnd const&)> ended = {};                                  ///< the same
    std::function<void(std::string const&)> unopened = {};                           ///< the same
    std::function<void(StoredBackground, std::vector<std::string>)> background = {}; ///< a new one that later scans subtract, before its
                                                                                     ///< result, and ids of those that it took the place of
    std::function<void(StoredDark)> dark = {};                                       ///< a new one, before its result
    std::function<void(MapPoints)> points = {};                                      ///< of a map, before the result that they are of
};

class Chain {
public:
    Chain(ChainSurroundings const& surroundings, ChainOptions const& options, ChainHooks hooks, ChainPast past = {});
    ~Chain();

    EventGate gate();
    std::size_t queue_high_water() const;
    std::size_t queue_bytes() const;
    /// In that queue and in the one between processing and reduction.
    std::size_t waiting_bytes() const;
    /// From any thread: series that begin from now on are reduced by it; it has the shape, mask and bins of the one before (reload()).
    void use(std::shared_ptr<Config const> config);
    /// What it was given; until start().
    ChainPast const& past() const;
    /// What control asks for, obeyed by the processing after what was received before; ScanOrders::give, waits half a second at most.
    std::optional<Obeyed> order(ScanOrder order);
    /// Seconds that the events lay in the queue which are worked off now.
    double lag_s() const;
    /// A final is being reduced, saved or published.
    bool reducing() const;
    void start();
    /// After start(): what an earlier start left has been taken up, so that the progress tells of it.
    bool taken_up() const;
    /// No more events: works off what is queued, ends the running series as it stands, and returns when all threads have ended.
    void finish();
    /// One of its threads, or one that ran guarded(), failed; the log says how.
    bool failed() const;
    /// Runs the body of a thread: what it throws ends the chain orderly, not by std::terminate.
    void guarded(char const* thread, std::function<void()> const& body);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace sqd
