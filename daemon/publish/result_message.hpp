// The wire form of results: topic, JSON header, raw little-endian arrays. daemon/README.md is its page.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/stream/series_processor.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sqd {

using Json = nlohmann::ordered_json;

/// One message: parts[0] topic, parts[1] header, then one part per entry of the header's `arrays`.
struct WireMessage {
    std::string topic;
    Json header;
    std::vector<std::string> arrays;
};

/// Who speaks.
struct Speaker {
    std::string instance;
    std::string epoch; ///< UUID of this start of the program
};

/// Numbers messages, per topic; from any thread. Messages of one topic are made by one thread, so that they go out in their order.
class Sequence {
public:
    std::uint64_t next(std::string const& topic) {
        std::lock_guard const lock(mutex_);
        return ++numbered_[topic];
    }
    /// A final is numbered before it is saved, and goes out after that.
    void went_out(std::string const& topic, std::uint64_t number) {
        std::lock_guard const lock(mutex_);
        latest_[topic] = number;
    }
    /// Of what went out.
    std::map<std::string, std::uint64_t> latest() const {
        std::lock_guard const lock(mutex_);
        return latest_;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t> numbered_, latest_;
};

/// The kinds of message that a result is sent as, in their order.
std::vector<std::string> kinds_of(ReducedResult const& result);
/// One message per kind that the result holds; each names all of them, so that a client knows when it has the whole. JSON never holds NaN:
/// a value that is not finite has no key.
std::vector<WireMessage> result_messages(ReducedResult const& result, Speaker const& speaker, Sequence& sequence,
                                         std::int64_t published_ns);
/// `series`: start, end or abort.
WireMessage series_message(SeriesNotice const& notice, Speaker const& speaker, Sequence& sequence, std::int64_t published_ns);

/// JSON text; bytes that are no UTF-8 (a hostile name) are replaced, never thrown at.
std::string to_text(Json const& json);
/// "2026-11-22T10:00:00.000Z"
std::string iso_time(std::int64_t utc_ns);
Json frames_json(FrameAccounting const& frames);
Json scan_json(ScanIdentity const& scan);
/// Topic of a kind: `<instance>/<kind>/`.
std::string topic_of(Speaker const& speaker, std::string_view kind);

} // namespace sqd
