// Which background is subtracted: configured, or chosen by control while the program runs.
#pragma once

#include "pipeline/stream/reducer.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

struct BackgroundChoice {
    BackgroundUse use = BackgroundUse::latest;
    std::string scan; ///< its id, of BackgroundUse::scan_id
    bool operator==(BackgroundChoice const&) const = default;
};

/// A finished scan of role background.
struct FinishedBackground {
    std::string uid, id;
};

/// Called from any thread. The choice holds for the next result of the scan that runs, and for all later ones.
class BackgroundBoard {
public:
    static constexpr std::size_t most_listed = Reducer::most_backgrounds;

    explicit BackgroundBoard(BackgroundChoice configured) : configured_(std::move(configured)) {}

    /// The configuration says so from now on; a choice that was made stands.
    void configure(BackgroundChoice configured);
    /// nullopt = as configured.
    void choose(std::optional<BackgroundChoice> choice);
    /// Chooses the finished background of that uid or id; false where there is none.
    bool choose_finished(std::string const& scan);
    /// One was finished; it takes the place of an earlier one of the same id, and of the oldest that nobody chose where there are too many.
    void finished(FinishedBackground background);

    BackgroundChoice current() const;
    bool chosen() const { return choice().has_value(); }
    /// What was chosen; nullopt = as configured.
    std::optional<BackgroundChoice> choice() const;
    /// The one that would be subtracted now; nullopt = none.
    std::optional<FinishedBackground> in_use() const;
    /// The newest first.
    std::vector<FinishedBackground> list() const;
    /// Says in a job what is chosen, where something is.
    void apply(ReductionJob& job) const;

private:
    mutable std::mutex mutex_;
    BackgroundChoice configured_;
    std::optional<BackgroundChoice> chosen_;
    std::deque<FinishedBackground> finished_;
};

} // namespace sqd
