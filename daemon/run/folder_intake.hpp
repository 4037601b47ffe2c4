// Frames from the files that camserver writes on a RAM disk, for sites without any streamer beside the PILATUS.
#pragma once

#include "config/config.hpp"
#include "daemon/run/event_gate.hpp"
#include "daemon/run/folder_watch.hpp"
#include "daemon/run/source_link.hpp"
#include "detectors/decoder.hpp"
#include "pipeline/stream/counters.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace sqd {

/// Takes every CBF file that appears in source.directory. A file that is not whole yet (its header promises more bytes, or its MD5 is
/// another) is read again until source.torn_retry_s have passed, then counted as truncated. Files are deleted only if asked to, and only
/// those that were read whole.
class FolderIntake {
public:
    /// Begins to watch. Throws ConfigError.
    FolderIntake(SourceConfig const& source, std::unique_ptr<Decoder> decoder, EventGate gate, Counters& counters, SourceLink& link,
                 Clock const& clock);

    std::string endpoint() const { return folder_.string(); }
    /// Receives until stopped; files that wait for their rest are read a last time then.
    void run(std::stop_token stop);

private:
    struct Torn {
        std::string name;
        double until_s; ///< given up then, Clock::steady_s
    };
    enum class Read { taken, torn };

    Read read(std::string const& name, bool last_try);
    void retry(bool stopping);

    std::filesystem::path folder_;
    FolderWatch watch_;
    std::unique_ptr<Decoder> decoder_;
    EventGate gate_;
    Counters& counters_;
    SourceLink& link_;
    Clock const& clock_;
    std::size_t max_file_bytes_;
    double torn_retry_s_;
    bool delete_after_use_;
    std::deque<Torn> torn_;
};

} // namespace sqd
