#include "daemon/run/interrupted_series.hpp"

#include "pipeline/core/errors.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

namespace sqd {

namespace {

using StatesByUid = std::map<std::string, SavedState>;

StatesByUid newest_by_uid(std::vector<SealedContent> const& checkpoints) {
    StatesByUid out;
    for (auto const& checkpoint : checkpoints) {
        try {
            auto saved = read_state(checkpoint.bytes);
            auto const uid = saved.state.opening.scan.uid;
            out.try_emplace(uid, std::move(saved));
        } catch (DataError const&) { // of another version
        }
    }
    return out;
}

/// What its start says may be newer than its checkpoint: more was said of it, or results had their numbers.
std::optional<SavedState> newest_of(InterruptedScan const& scan, StatesByUid& saved) {
    std::optional<SavedState> out;
    if (auto const found = saved.find(scan.uid); found != saved.end()) out = std::move(found->second);
    try {
        auto start = read_opening(scan.state);
        if (!out) out.emplace();
        out->by = std::move(start.by);
        if (start.opening.revision >= out->state.opening.revision) out->state.opening = std::move(start.opening);
    } catch (DataError const&) {
    }
    return out;
}

} // namespace

std::optional<OpenScan> begun_in(InterruptedScan const& scan) {
    try {
        return read_begun(scan.state);
    } catch (DataError const&) {
        return std::nullopt;
    }
}

LeftOver interrupted_series(std::vector<InterruptedScan> const& scans, std::vector<SealedContent> const& checkpoints) {
    auto saved = newest_by_uid(checkpoints);
    LeftOver out;
    for (auto const& scan : scans) {
        if (auto begun = begun_in(scan)) {
            if (scan.ended) { // nothing of it came
                out.over.push_back(scan.uid);
                continue;
            }
            if (out.begun) { // what closed it was lost
                spdlog::warn("scan {} was begun before the restart, and another one after it: it is over", out.begun->uid);
                out.over.push_back(out.begun->uid);
            }
            out.begun = std::move(begun);
        } else if (auto state = newest_of(scan, saved)) {
            out.series.push_back({std::move(*state), scan.ended});
        } else {
            spdlog::error("scan {} was interrupted, and what was saved of it cannot be read", scan.uid);
            out.over.push_back(scan.uid);
        }
    }
    return out;
}

} // namespace sqd
