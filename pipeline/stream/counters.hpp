// What happened since the start of the program; every loss has a counter.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace sqd {

/// Written by the thread named, read by any.
struct Counters {
    std::atomic<std::uint64_t> messages{0}; ///< intake: whole messages received
    std::atomic<std::uint64_t> bytes{0};    ///< intake
    std::atomic<std::uint64_t> images{0};   ///< intake: images decoded as far as their headers
    std::atomic<std::uint64_t> bad_malformed{0}, bad_unsupported{0}, bad_truncated{0}, bad_corrupt{0}, bad_mismatch{0},
        bad_oversized{0};                                             ///< intake
    std::atomic<std::uint64_t> lost_overload{0};                      ///< intake: images that found the queue full
    std::atomic<std::uint64_t> tap_sent{0}, tap_dropped{0};           ///< intake: whole messages passed on, and not taken there
    std::atomic<std::uint64_t> frames_added{0};                       ///< processing: frames in the sums
    std::atomic<std::uint64_t> frames_rejected{0};                    ///< processing: decode failures, invalid pixels, wrong shape
    std::atomic<std::uint64_t> frames_duplicate{0};                   ///< processing
    std::atomic<std::uint64_t> frames_late{0};                        ///< processing: of a series already finished
    std::atomic<std::uint64_t> series_started{0}, series_finished{0}; ///< processing
    std::atomic<std::uint64_t> results_published{0};                  ///< service
    std::atomic<std::uint64_t> results_journaled{0}, results_archived{0}, results_lost{0}; ///< saving: lost = neither has them
    std::atomic<std::uint64_t> journal_failures{0}, archive_failures{0};                   ///< saving: attempts
    std::atomic<std::uint64_t> journal_damaged{0};                                         ///< start: records that say nothing any more
    std::atomic<std::uint64_t> archive_free_bytes{0}, journal_free_bytes{0};               ///< saving: of their disks, when last looked at
    std::atomic<std::uint64_t> checkpoints{0};                                             ///< written, of running series
    std::atomic<std::uint64_t> results_replaced{0};    ///< partials that gave way in the queue to the clients
    std::atomic<std::uint64_t> results_unpublished{0}; ///< found no room in the queue to the clients
    std::atomic<std::uint64_t> replies_dropped{0};     ///< service: the client was gone, or does not read
    std::atomic<std::uint64_t> access_accepted{0};     ///< security: connections of listed clients
    std::atomic<std::uint64_t> access_refused_no_key{0}, access_refused_unlisted{0}, access_refused_server_key{0},
        access_refused_other{0};                    ///< security: connections
    std::atomic<std::uint64_t> subscribers_cut{0};  ///< service: asked for too many topics, or are no longer listed
    std::atomic<std::uint64_t> connections_cut{0};  ///< service, tap, source: beyond the number that may be there
    std::atomic<std::uint64_t> commands_refused{0}; ///< service: of clients that may only read, or are no longer listed

    std::map<std::string, std::uint64_t> values() const;
};

} // namespace sqd
