// The composition root of `sqd run`: owns everything that lives long, in start order.
#pragma once

#include "config/config.hpp"
#include "daemon/log/log_setup.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sqd {

struct RunOptions {
    std::size_t workers = 0;       ///< threads of the hot path; 0 = one per core
    std::string pixel_sha256_file; ///< empty = no audit of pixels
    bool quiet = false;
    std::function<Config()> reload_config; ///< reads the configuration again; may be empty
    LogAccess log = {};                    ///< may be empty
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
    std::string web_endpoint() const; ///< empty: there is none

    /// Serves until `stop_requested` says true (a signal came; it is asked again and again and may wait some 20 ms each time) or
    /// control asks for a shutdown; then finishes the running series as it stands, saves, publishes and returns. False when it ended
    /// because one of its threads failed; the log says how.
    /// `ready` is called once commands are obeyed, `stopping` as the end begins.
    [[nodiscard]] bool run(std::function<bool()> const& stop_requested, std::function<void()> const& ready,
                           std::function<void()> const& stopping);
    /// Reads again what may change while it runs: the list of clients, and the configuration (run/reload.hpp), from the next series on;
    /// what is refused is an alarm (`config`) and changes nothing. Not beside itself; beside run().
    void reload();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace sqd
