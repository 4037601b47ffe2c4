// The composition root of `sqd run`: owns everything that lives long, in start order.
#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace sqd {

struct RunOptions {
    std::size_t workers = 0;       ///< threads of the hot path; 0 = one per core
    std::string pixel_sha256_file; ///< empty = no audit of pixels
    bool quiet = false;
};

/// The running service: sockets are open once it is constructed.
class Daemon {
public:
    /// Throws ConfigError (a socket cannot be opened) or IoError (the journal cannot be used).
    Daemon(Config config, RunOptions const& options);
    ~Daemon();

    std::string const& source_endpoint() const;
    std::string const& tap_endpoint() const; ///< empty: nothing is passed on
    std::string const& results_endpoint() const;
    std::string const& control_endpoint() const;

    /// Serves until `stop_requested` says true (a signal came; it is asked again and again and may wait some 20 ms each time) or
    /// control asks for a shutdown; then finishes the running series as it stands, saves, publishes and returns. False when it ended
    /// because one of its threads failed; the log says how.
    [[nodiscard]] bool run(std::function<bool()> const& stop_requested);
    /// Reads again what may change while it runs: the list of clients.
    void reload();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace sqd
