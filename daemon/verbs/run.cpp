#include "daemon/verbs/run.hpp"

#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/daemon.hpp"
#include "daemon/verbs/stop_signals.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

namespace sqd {
namespace {

struct Arguments {
    std::string config;
    RunOptions options;
};

int run_service(Arguments const& arguments) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("sqd"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    if (arguments.options.quiet) spdlog::set_level(spdlog::level::warn);
    StopSignals const signals;     // before any thread of the daemon starts
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of the disk like any other
    Daemon daemon(load_config(arguments.config, read_mask_image, read_number_image), arguments.options);
    // Machine-readable, one per line: scripts that asked for port 0 read where things are.
    if (auto const tap = daemon.tap_endpoint(); !tap.empty()) std::printf("tap %s\n", tap.c_str());
    std::printf("source %s\nresults %s\ncontrol %s\nready\n", daemon.source_endpoint().c_str(), daemon.results_endpoint().c_str(),
                daemon.control_endpoint().c_str());
    std::fflush(stdout);
    return daemon.run([&signals] { return signals.came(); }) ? 0 : 1;
}

} // namespace

void add_run(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = app.add_subcommand("run", "run the service: frames in, S(q), FSDP and G(r) out");
    verb->add_option("-c,--config", arguments->config, "configuration file (YAML)")->required();
    verb->add_option("--workers", arguments->options.workers, "threads that decode and sum (default: one per core)");
    verb->add_option("--pixel-sha256", arguments->options.pixel_sha256_file,
                     "write the SHA-256 of every image's pixels to this file (an audit; slow)");
    verb->add_flag("-q,--quiet", arguments->options.quiet, "log warnings and errors only");
    verb->callback([arguments, &run] { run = [arguments] { return run_service(*arguments); }; });
}

} // namespace sqd
