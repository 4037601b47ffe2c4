#include "daemon/verbs/run.hpp"

#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/log/log_setup.hpp"
#include "daemon/run/daemon.hpp"
#include "daemon/run/descriptor_limit.hpp"
#include "daemon/verbs/stop_guard.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace sqd {
namespace {

struct RunArguments {
    std::string config;
    RunOptions options;
};

int run_service(RunArguments const& arguments) {
    RunOptions options = arguments.options;
    options.log = set_up_log(options.quiet);
    options.reload_config = [&arguments] { return load_config(arguments.config, read_mask_image, read_number_image); };
    ServiceSignals const signals;  // before any thread of the daemon starts
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of the disk like any other
    if (auto const allowed = raise_descriptor_limit(); allowed < descriptors_wanted)
        spdlog::warn(
            "{} file descriptors are allowed, {} are wanted (ulimit -n, LimitNOFILE): a crowd of connections may leave none for files",
            allowed, descriptors_wanted);
    Daemon daemon(options.reload_config(), options);
    // Machine-readable, one per line: scripts that asked for port 0 read where things are.
    if (auto const tap = daemon.tap_endpoint(); !tap.empty()) std::printf("tap %s\n", tap.c_str());
    if (auto const web = daemon.web_endpoint(); !web.empty()) std::printf("web %s\n", web.c_str());
    std::printf("source %s\nresults %s\ncontrol %s\n", daemon.source_endpoint().c_str(), daemon.results_endpoint().c_str(),
                daemon.control_endpoint().c_str());
    auto const ready = [] {
        std::printf("ready\n");
        std::fflush(stdout);
    };
    auto const stop_requested = [&] {
        int const came = signals.next();
        if (came == SIGHUP) daemon.reload();
        return came == SIGINT || came == SIGTERM;
    };
    std::optional<StopGuard> guard;
    return daemon.run(stop_requested, ready, [&] { guard.emplace(signals); }) ? 0 : 1;
}

} // namespace

void add_run(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<RunArguments>();
    CLI::App* verb = app.add_subcommand("run", "run the service: frames in, S(q), FSDP and G(r) out");
    verb->footer("Examples:\n"
                 "  sqd run -c station.yaml                 Ctrl-C or SIGTERM finishes the scan that runs, as it stands\n"
                 "  sqd run -c station.yaml --workers 4 -q\n"
                 "SIGHUP reads the configuration again, from the next scan on. As a service: systemctl enable --now sqd@station.");
    verb->add_option("-c,--config", arguments->config, "configuration file (YAML)")->required();
    verb->add_option("--workers", arguments->options.workers, "threads that decode and sum (default: one per core)");
    verb->add_option("--pixel-sha256", arguments->options.pixel_sha256_file,
                     "write the SHA-256 of every image's pixels to this file (an audit; slow)");
    verb->add_flag("-q,--quiet", arguments->options.quiet, "log warnings and errors only");
    verb->callback([arguments, &run] { run = [arguments] { return run_service(*arguments); }; });
}

} // namespace sqd
