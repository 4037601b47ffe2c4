// The composition root of `sqd run`: owns everything that lives long, in start order.
#pragma once

#include "config/config.hpp"

#include <atomic>
#include <cstddef>
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
    /// Throws ConfigError (a socket cannot be opened) or IoError (the archive cannot be written).
    Daemon(Config config, RunOptions const& options);
    ~Daemon();

    std::string const& source_endpoint() const;
    std::string const& results_endpoint() const;
    std::string const& control_endpoint() const;

    /// Serves until `stop` is set (signal) or control asks for a shutdown; then finishes the running series as it stands, saves,
    /// publishes and returns.
    void run(std::atomic<bool> const& stop);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace sqd
