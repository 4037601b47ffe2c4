#include "daemon/run/interrupted_series.hpp"

#include "daemon/journal/series_codec.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sqd {

namespace {

std::map<std::string, SavedState> newest_by_uid(std::vector<SealedContent> const& checkpoints) {
    std::map<std::string, SavedState> out;
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

} // namespace

LeftOver interrupted_series(std::vector<InterruptedScan> const& scans, std::vector<SealedContent> const& checkpoints,
                            std::string const& config_sha256) {
    auto saved = newest_by_uid(checkpoints);
    LeftOver out;
    for (auto const& scan : scans) {
        auto const found = saved.find(scan.uid);
        bool same = true;
        std::optional<SeriesState> state;
        if (found != saved.end()) {
            same = found->second.by.config_sha256 == config_sha256;
            state = std::move(found->second.state);
        }
        try { // what its start says may be newer: more was said of it, or results had their numbers
            auto start = read_opening(scan.state);
            same = same && start.by.config_sha256 == config_sha256;
            if (!state) state.emplace();
            if (start.opening.revision >= state->opening.revision) state->opening = std::move(start.opening);
        } catch (DataError const&) {
        }
        if (state)
            out.series.push_back({std::move(*state), same});
        else
            out.unreadable.push_back(scan.uid);
    }
    std::stable_sort(out.series.begin(), out.series.end(),
                     [](auto const& a, auto const& b) { return a.state.opening.started_ns < b.state.opening.started_ns; });
    return out;
}

} // namespace sqd
