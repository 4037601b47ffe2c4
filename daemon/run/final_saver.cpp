#include "daemon/run/final_saver.hpp"

#include "daemon/run/free_space.hpp"
#include "daemon/run/thread_name.hpp"
#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace sqd {

namespace {

using namespace std::chrono_literals;

constexpr double first_wait_s = 2, longest_wait_s = 30, look_every_s = 10;
constexpr std::uint64_t of_an_item = 1024; ///< of names and such, more or less [bytes]

std::string words(FinalMeta const& meta) {
    return "scan '" + meta.id + "' (" + meta.key.uid + ", result " + std::to_string(meta.key.result) + ")";
}

bool is_ready(std::shared_future<bool> const& answer) {
    return answer.wait_for(0s) == std::future_status::ready;
}

void answer(std::optional<std::promise<bool>>& waiting, bool durable) {
    if (waiting) waiting->set_value(durable);
    waiting.reset();
}

} // namespace

FinalSaver::FinalSaver(SaverSurroundings const& surroundings, JournalContents const& contents, std::uint64_t most_waiting)
    : with_(surroundings), most_waiting_(most_waiting), choices_(surroundings.config.journal.directory, "control"),
      ledger_(surroundings.journal.found(), contents) {
    for (auto const& final : contents.finals) {
        if (final.archived) continue;
        Waiting waiting;
        waiting.final.meta = final.meta;
        waiting.place = final.place;
        with_.archive.remove_unfinished(final.meta.file);
        to_archive_.push_back(std::move(waiting));
    }
}

FinalSaver::~FinalSaver() {
    finish();
}

void FinalSaver::start() {
    journal_thread_ = std::jthread([this](std::stop_token const& stop) { run_journal(stop); });
    archive_thread_ = std::jthread([this](std::stop_token const& stop) { run_archive(stop); });
}

void FinalSaver::finish() {
    for (auto* thread : {&journal_thread_, &archive_thread_}) {
        thread->request_stop();
        if (thread->joinable()) thread->join();
    }
    while (journal_next()) {
    }
    std::size_t left = 0;
    {
        std::lock_guard const lock(mutex_);
        left = to_archive_.size();
    }
    for (; left > 0; --left) try_archive(take_waiting(std::numeric_limits<double>::infinity()).value());
    while (journal_next()) {
    }
    while (auto waiting = take_waiting(std::numeric_limits<double>::infinity())) {
        if (waiting->place) {
            spdlog::warn("{} waits in the journal: the next start archives it", words(waiting->final.meta));
        } else {
            lose(*waiting, "the program ends and no disk takes it");
        }
    }
}

bool FinalSaver::save(FinalRecord final, std::chrono::milliseconds patience) {
    Waiting waiting;
    waiting.bytes = of_an_item + size_of(final);
    waiting.final = std::move(final);
    std::shared_future<bool> durable = waiting.answer.emplace().get_future();
    if (!post(std::move(waiting))) return false;
    // A disk that hangs holds up the results once, not each of them.
    bool const hangs = overdue_.valid() && !is_ready(overdue_);
    if (durable.wait_for(hangs ? 0ms : patience) == std::future_status::ready) return durable.get();
    overdue_ = durable;
    with_.alarms.raise("journal", "a result is not on disk yet (the disk of the journal is slow) it goes out as not durable",
                       with_.clock.utc_ns());
    if (!is_ready(durable)) return false;
    if (durable.get()) with_.alarms.clear("journal"); // it came just now
    return durable.get();
}

/// A disk that hangs holds up the processing once.
template <class Told>
bool FinalSaver::tell(Told told, std::chrono::milliseconds patience) {
    std::shared_future<bool> const written = told.written.get_future();
    bool const hangs = told_overdue_.valid() && !is_ready(told_overdue_);
    if (!post(std::move(told))) return false;
    told_overdue_ = written;
    return written.wait_for(hangs ? 0ms : patience) == std::future_status::ready && written.get();
}

bool FinalSaver::scan_started(std::string uid, std::vector<std::byte> state, std::chrono::milliseconds patience, std::string announcement) {
    return tell(ScanStart{std::move(uid), std::move(state), std::move(announcement)}, patience);
}

bool FinalSaver::scan_ended(ScanEnd end, std::chrono::milliseconds patience) {
    return tell(ScanEnded{std::move(end)}, patience);
}

std::shared_future<bool> FinalSaver::keep_choices(std::vector<std::byte> choices) {
    Choices item{std::move(choices)};
    std::shared_future<bool> written = item.written.get_future();
    if (post(std::move(item))) return written;
    std::promise<bool> refused;
    refused.set_value(false);
    return refused.get_future();
}

void FinalSaver::scan_closed(std::string uid) {
    post(ScanClosed{std::move(uid)});
}

/// In memory.
std::uint64_t FinalSaver::bytes_of(Item const& item) {
    if (auto const* waiting = std::get_if<Waiting>(&item)) return waiting->bytes;
    if (auto const* start = std::get_if<ScanStart>(&item)) return of_an_item + start->state.size();
    auto const* const choices = std::get_if<Choices>(&item);
    return of_an_item + (choices != nullptr ? choices->bytes.size() : 0);
}

/// What does not fit is lost; one that is alone always fits.
bool FinalSaver::post(Item item) {
    std::uint64_t const bytes = bytes_of(item);
    {
        std::lock_guard const lock(mutex_);
        if (held_ == 0 || held_ + bytes <= most_waiting_) {
            held_ += bytes;
            to_journal_.push_back(std::move(item));
            journal_ready_.notify_one();
            return true;
        }
    }
    ++with_.counters.journal_failures;
    with_.alarms.raise("journal", "too much waits for the disks of journal and archive (they do not keep up) look at them",
                       with_.clock.utc_ns());
    if (auto* waiting = std::get_if<Waiting>(&item)) {
        waiting->bytes = 0;
        lose(*waiting, "too much waits for the disks");
    }
    return false;
}

bool FinalSaver::journal_next() {
    Item item;
    {
        std::lock_guard const lock(mutex_);
        if (to_journal_.empty()) return false;
        item = std::move(to_journal_.front());
        to_journal_.pop_front();
    }
    std::uint64_t const bytes = bytes_of(item);
    bool written = false;
    try {
        std::visit([this](auto& one) { write(one); }, item);
        with_.alarms.clear("journal");
        written = true;
    } catch (std::exception const& error) { // a disk, whatever it was: the stream goes on and the alarm says it
        ++with_.counters.journal_failures;
        if (with_.alarms.raise("journal", error.what(), with_.clock.utc_ns())) spdlog::error("journal: {}", error.what());
    }
    std::visit(
        [written](auto& one) {
            if constexpr (requires { one.written; }) one.written.set_value(written);
        },
        item);
    if (auto* waiting = std::get_if<Waiting>(&item)) {
        hand_to_archive(std::move(*waiting));
    } else {
        std::lock_guard const lock(mutex_);
        held_ -= bytes;
    }
    return true;
}

void FinalSaver::wrote(RecordPlace const& place) {
    ledger_.wrote(place, with_.clock.utc_ns());
}

void FinalSaver::write(Waiting& waiting) {
    waiting.journal_tried = true;
    waiting.place = append_final(with_.journal, waiting.final);
    ++with_.counters.results_journaled;
    answer(waiting.answer, true);
    waiting.final.messages.reset();
    std::lock_guard const lock(mutex_);
    wrote(*waiting.place);
    ledger_.keeps(waiting.final.meta.key, waiting.place->segment);
    // The image saves reading it again, and outlives a journal that somebody removes; where several wait the journal's will do.
    if (held_ > most_waiting_ / 8) waiting.final.image.reset();
    held_ -= waiting.bytes;
    waiting.bytes = of_an_item + size_of(waiting.final);
    held_ += waiting.bytes;
}

void FinalSaver::write(ScanStart& start) {
    auto const place = append_start(with_.journal, start.uid, start.state, start.announcement);
    std::lock_guard const lock(mutex_);
    wrote(place);
    ledger_.started(start.uid, place.segment);
}

void FinalSaver::write(ScanEnded& ended) {
    auto const place = append_ended(with_.journal, ended.end);
    std::lock_guard const lock(mutex_);
    wrote(place);
}

void FinalSaver::write(Choices& choices) {
    choices_.write(choices.bytes);
}

void FinalSaver::write(ScanClosed& closed) {
    auto const place = append_closed(with_.journal, closed.uid);
    std::lock_guard const lock(mutex_);
    wrote(place);
    ledger_.closed(closed.uid);
}

void FinalSaver::write(ResultKey& archived) {
    auto const place = append_archived(with_.journal, archived);
    std::lock_guard const lock(mutex_);
    wrote(place);
}

void FinalSaver::hand_to_archive(Waiting waiting) {
    std::lock_guard const lock(mutex_);
    to_archive_.push_back(std::move(waiting));
    fresh_ = true;
    archive_ready_.notify_one();
}

std::optional<FinalSaver::Waiting> FinalSaver::take_waiting(double due_s) {
    std::lock_guard const lock(mutex_);
    auto const found =
        std::find_if(to_archive_.begin(), to_archive_.end(), [due_s](Waiting const& waiting) { return waiting.next_try_s <= due_s; });
    if (found == to_archive_.end()) return std::nullopt;
    Waiting waiting = std::move(*found);
    to_archive_.erase(found);
    return waiting;
}

void FinalSaver::archive_due() {
    double const now = with_.clock.steady_s();
    while (auto waiting = take_waiting(now)) {
        if (waiting->place || waiting->journal_tried) {
            try_archive(std::move(*waiting));
        } else {
            std::lock_guard const lock(mutex_);
            to_journal_.emplace_back(std::move(*waiting));
            journal_ready_.notify_one();
        }
    }
}

void FinalSaver::try_archive(Waiting waiting) {
    FileBytes image = waiting.final.image;
    try {
        if (!image) image = read_image(with_.journal, *waiting.place);
    } catch (std::exception const& error) {
        return lose(waiting, error.what());
    }
    try {
        with_.archive.put(waiting.final.meta.file, waiting.final.meta.key.result, *image);
        archived(waiting);
    } catch (std::exception const& error) { // a disk, a library: whatever it was, it is tried again
        not_archived(std::move(waiting), error.what());
    }
}

/// Where one was written the others may be, too.
void FinalSaver::archived(Waiting& waiting) {
    ++with_.counters.results_archived;
    answer(waiting.answer, true);
    bool others_fail = false;
    {
        std::lock_guard const lock(mutex_);
        held_ -= waiting.bytes;
        ledger_.archived(waiting.final.meta.key);
        for (auto& other : to_archive_) {
            other.next_try_s = 0;
            others_fail = others_fail || other.failures > 0;
        }
    }
    if (!others_fail) with_.alarms.clear("archive");
    if (waiting.place) post(std::move(waiting.final.meta.key));
}

void FinalSaver::not_archived(Waiting waiting, char const* why) {
    ++with_.counters.archive_failures;
    with_.alarms.raise("archive", why, with_.clock.utc_ns());
    if (waiting.failures == 0) {
        spdlog::error("archive: {} is not in it yet, {}: {}", words(waiting.final.meta),
                      waiting.place ? "the journal has it" : "and the journal has it not", why);
    }
    answer(waiting.answer, false);
    waiting.next_try_s = with_.clock.steady_s() + std::min(longest_wait_s, first_wait_s * (1 << std::min(waiting.failures, 10)));
    ++waiting.failures;
    waiting.journal_tried = false;
    std::lock_guard const lock(mutex_);
    to_archive_.push_back(std::move(waiting));
}

void FinalSaver::lose(Waiting& waiting, std::string const& why) {
    FinalMeta const& meta = waiting.final.meta;
    ++with_.counters.results_lost;
    spdlog::error("{} is not saved: {}", words(meta), why);
    with_.alarms.raise("results_lost", words(meta) + " is not saved (" + why + ") look at the disks", with_.clock.utc_ns());
    answer(waiting.answer, false);
    std::lock_guard const lock(mutex_);
    held_ -= waiting.bytes;
    ledger_.archived(meta.key); // nothing is left of it that a segment is needed for
}

void FinalSaver::look_after_disks() {
    double const now = with_.clock.steady_s();
    if (now < next_look_s_) return;
    next_look_s_ = now + look_every_s;
    auto const& config = with_.config;
    with_.counters.archive_free_bytes = free_bytes(config.archive_directory);
    with_.counters.journal_free_bytes = free_bytes(config.journal.directory);
    auto const complaint = little_space({config.archive_directory, config.journal.directory}, config.min_free_bytes);
    if (complaint.empty()) {
        with_.alarms.clear("disk");
    } else if (with_.alarms.raise("disk", complaint, with_.clock.utc_ns())) {
        spdlog::warn("disk: {}", complaint);
    }
    remove_old_segments();
}

void FinalSaver::remove_old_segments() {
    constexpr double ns_per_day = 86400e9;
    auto const& keep = with_.config.journal;
    std::vector<std::uint32_t> removable;
    {
        std::lock_guard const lock(mutex_);
        removable = ledger_.take_removable({with_.clock.utc_ns() - static_cast<std::int64_t>(keep.keep_days * ns_per_day), keep.keep_bytes},
                                           with_.journal.current_segment());
    }
    for (auto const number : removable) {
        try {
            with_.journal.remove_segment(number);
            spdlog::info("journal: segment {} is not needed any more and removed", number);
        } catch (IoError const& error) {
            spdlog::warn("journal: {}", error.what());
        }
    }
}

void FinalSaver::run_journal(std::stop_token const& stop) {
    name_thread("journal");
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            journal_ready_.wait(lock, stop, [this] { return !to_journal_.empty(); });
        }
        if (!stop.stop_requested()) journal_next();
    }
}

void FinalSaver::run_archive(std::stop_token const& stop) {
    name_thread("archive");
    while (!stop.stop_requested()) {
        archive_due();
        look_after_disks();
        if (with_.alive) with_.alive();
        std::unique_lock lock(mutex_);
        archive_ready_.wait_for(lock, stop, 200ms, [this] { return fresh_; });
        fresh_ = false;
    }
}

} // namespace sqd
