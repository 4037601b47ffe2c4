#include "daemon/run/scan_keeper.hpp"

#include "daemon/run/thread_name.hpp"
#include "daemon/run/thread_priority.hpp"
#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace sqd {

namespace {

using namespace std::chrono_literals;

constexpr char const* alarm = "checkpoint";
constexpr std::size_t most_waiting = 8; ///< kept scans; a dark has a whole image

} // namespace

ScanKeeper::ScanKeeper(KeeperSurroundings surroundings)
    : with_(std::move(surroundings)), files_(with_.directory), kept_files_(with_.directory, with_.conditions), found_(kept_files_.read()),
      thread_([this] { run(); }) {
    if (found_.of_other_conditions > 0)
        spdlog::warn("{} backgrounds or darks of before are not used: geometry or corrections were others", found_.of_other_conditions);
    if (found_.damaged > 0) spdlog::warn("{} backgrounds or darks of before cannot be read", found_.damaged);
    if (!found_.backgrounds.empty())
        spdlog::info("{} backgrounds of before are known, the latest is '{}'", found_.backgrounds.size(), found_.backgrounds.back().id);
}

ScanKeeper::~ScanKeeper() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    news_.notify_all();
    thread_.join();
}

void ScanKeeper::checkpoint(SeriesState state) {
    std::optional<SeriesState> replaced(std::move(state)); // let go without the lock: it is large
    {
        std::lock_guard const lock(mutex_);
        std::swap(state_, replaced);
    }
    news_.notify_one();
}

void ScanKeeper::keep(StoredBackground background, std::vector<std::string> forgotten) {
    post(std::move(background), std::move(forgotten));
}

void ScanKeeper::keep(StoredDark dark) {
    post(std::move(dark), {});
}

void ScanKeeper::post(Kept scan, std::vector<std::string> forgotten) {
    std::future<void> written;
    {
        std::lock_guard const lock(mutex_);
        if (kept_.size() < most_waiting) {
            kept_.push_back({std::move(scan), std::move(forgotten), {}});
            written = kept_.back().written.get_future();
        }
    }
    news_.notify_one();
    if (written.valid() && written.wait_for(1s) == std::future_status::ready) return;
    with_.alarms.raise(alarm, "a background or dark is not saved yet (the journal's disk is slow) a restart may not know it",
                       with_.clock.utc_ns());
}

void ScanKeeper::run() {
    name_thread("keeper");
    yield_to_others();
    for (;;) {
        std::optional<SeriesState> state;
        std::optional<Item> kept;
        {
            std::unique_lock lock(mutex_);
            news_.wait(lock, [this] { return closing_ || state_ || !kept_.empty(); });
            if (!kept_.empty()) {
                kept = std::move(kept_.front());
                kept_.pop_front();
            } else if (closing_) {
                return;
            } else {
                state = std::exchange(state_, std::nullopt);
            }
        }
        if (kept) {
            guarded([&] {
                std::visit([this](auto const& scan) { kept_files_.write(scan); }, kept->scan);
                for (std::string const& id : kept->forgotten) kept_files_.forget_background(id);
            });
            kept->written.set_value();
        }
        if (state) write_checkpoint(*state);
    }
}

void ScanKeeper::write_checkpoint(SeriesState const& state) {
    double const began = with_.clock.steady_s();
    if (!guarded([&] { files_.write(state_bytes(state, {with_.version, ""})); })) return;
    ++with_.counters.checkpoints;
    double const took = with_.clock.steady_s() - began;
    if (took > with_.checkpoint_s) {
        with_.alarms.raise(alarm, fmt::format("a checkpoint took {:.1f} s (the journal's disk is slow) a restart would lose more", took),
                           with_.clock.utc_ns());
    }
}

bool ScanKeeper::guarded(std::function<void()> const& write) {
    try {
        write();
        with_.alarms.clear(alarm);
        return true;
    } catch (std::exception const& error) { // a disk, memory: whatever it was, the stream goes on
        if (with_.alarms.raise(alarm, std::string(error.what()) + " (a restart would lose what was not saved)", with_.clock.utc_ns()))
            spdlog::error("checkpoint: {}", error.what());
        return false;
    }
}

} // namespace sqd
