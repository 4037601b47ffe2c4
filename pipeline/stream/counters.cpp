#include "pipeline/stream/counters.hpp"

namespace sqd {

std::map<std::string, std::uint64_t> Counters::values() const {
    return {{"messages", messages},
            {"bytes", bytes},
            {"images", images},
            {"bad_malformed", bad_malformed},
            {"bad_unsupported", bad_unsupported},
            {"bad_truncated", bad_truncated},
            {"bad_corrupt", bad_corrupt},
            {"bad_mismatch", bad_mismatch},
            {"bad_oversized", bad_oversized},
            {"lost_overload", lost_overload},
            {"tap_sent", tap_sent},
            {"tap_dropped", tap_dropped},
            {"frames_added", frames_added},
            {"frames_rejected", frames_rejected},
            {"frames_duplicate", frames_duplicate},
            {"frames_late", frames_late},
            {"series_started", series_started},
            {"series_finished", series_finished},
            {"results_published", results_published},
            {"results_journaled", results_journaled},
            {"results_archived", results_archived},
            {"results_lost", results_lost},
            {"journal_failures", journal_failures},
            {"archive_failures", archive_failures},
            {"journal_damaged", journal_damaged},
            {"archive_free_bytes", archive_free_bytes},
            {"journal_free_bytes", journal_free_bytes},
            {"checkpoints", checkpoints},
            {"results_replaced", results_replaced},
            {"results_unpublished", results_unpublished},
            {"replies_dropped", replies_dropped},
            {"access_accepted", access_accepted},
            {"access_refused_no_key", access_refused_no_key},
            {"access_refused_unlisted", access_refused_unlisted},
            {"access_refused_server_key", access_refused_server_key},
            {"access_refused_other", access_refused_other},
            {"subscribers_cut", subscribers_cut},
            {"connections_cut", connections_cut},
            {"commands_refused", commands_refused}};
}

} // namespace sqd
