#include "daemon/verbs/replay.hpp"

#include "config/load.hpp"
#include "daemon/archive/nexus_archive.hpp"
#include "daemon/durable_file.hpp"
#include "daemon/export/text_files.hpp"
#include "daemon/file_name.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/chain.hpp"
#include "daemon/run/file_feed.hpp"
#include "daemon/run/intake.hpp"
#include "daemon/simulate/scan_plan.hpp"
#include "daemon/verbs/progress.hpp"
#include "daemon/verbs/reduce_report.hpp"
#include "daemon/verbs/stop_signals.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/calibrants.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace sqd {
namespace {

namespace fs = std::filesystem;

struct ReplayArguments {
    std::string config, output, name, grid, kind, dataset, role, calibrant;
    std::vector<std::string> paths, background, dark, exports;
    bool overwrite = false;
    std::optional<double> exposure_s;
    double rate_hz = 0;
    bool each = false, json = false, verbose = false;
    ChainOptions chain{.workers = 0, .pixel_sha256_file = {}, .from_files = true};
};

/// One series: its files and what the command line says of it.
struct Job {
    std::vector<fs::path> paths;
    FileScan scan;
};

std::vector<Job> jobs_of(ReplayArguments const& arguments) {
    std::vector<Job> jobs;
    if (!arguments.dark.empty()) jobs.push_back({{arguments.dark.begin(), arguments.dark.end()}, {.role = Role::dark}});
    if (!arguments.background.empty())
        jobs.push_back({{arguments.background.begin(), arguments.background.end()}, {.role = Role::background}});
    FileScan sample;
    if (!arguments.role.empty()) sample.role = parse_role(arguments.role);
    if (!arguments.calibrant.empty()) sample.calibrant = arguments.calibrant;
    if (!(arguments.background.empty() && arguments.dark.empty()) && !sample.role) sample.role = Role::sample;
    if (!arguments.name.empty()) sample.name = arguments.name;
    if (!arguments.grid.empty()) sample.grid = simulated::parse_grid(arguments.grid);
    if (!arguments.each) {
        jobs.push_back({{arguments.paths.begin(), arguments.paths.end()}, sample});
        return jobs;
    }
    for (auto const& path : arguments.paths) jobs.push_back({{path}, sample});
    return jobs;
}

Config replay_config(ReplayArguments const& arguments) {
    Config config = load_config(arguments.config, read_mask_image, read_number_image);
    if (!arguments.output.empty()) config.service.archive_directory = arguments.output;
    config.source.end_silence_s = std::numeric_limits<double>::infinity(); // a slow disk is no silence
    config.service.rate_hz = 1e-9;                                         // nobody watches partial results
    return config;
}

FileOptions file_options(ReplayArguments const& arguments, Config const& config, std::size_t series) {
    FileOptions options;
    options.decoder = decoder_options(config);
    options.kind = arguments.kind;
    options.dataset = arguments.dataset;
    options.series_id = series;
    options.exposure_s = arguments.exposure_s;
    return options;
}

/// Archives and prints finals as they come, and keeps the score. Nobody waits for them: files are there to be read again, so there is no
/// journal, and a slow disk is waited for.
class Report {
public:
    Report(Config const& config, ReplayArguments const& arguments)
        : directory_(config.service.archive_directory), archive_(directory_, config.effective_yaml), exports_(arguments.exports),
          overwrite_(arguments.overwrite ? Overwrite::yes : Overwrite::no), json_(arguments.json) {}

    void operator()(ReducedResult& result) {
        if (result.state == ResultState::partial) return;
        std::lock_guard const lock(mutex_);
        result.durable = true; // as it reads in the file
        result.durable = archive(result);
        ++finals_;
        if (!result.durable) ++unsaved_;
        if (result.frames.used == 0) ++empty_;
        auto const file = archive_.path_for(result.scan).string();
        for (auto const& format : exports_) export_pattern(result, format);
        std::string const text = json_ ? json_line(result, file) : lines(result, file);
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }
    std::size_t finals() const { return finals_; }
    std::size_t unsaved() const { return unsaved_; }
    std::size_t empty() const { return empty_; }

private:
    bool archive(ReducedResult const& result) {
        try {
            archive_.write(result);
            return true;
        } catch (std::exception const& error) { // a disk, a library: the others may be saved
            spdlog::error("archive: scan '{}' ({}) is not saved: {}", result.scan.id, result.scan.uid, error.what());
            return false;
        }
    }
    static std::string json_line(ReducedResult const& result, std::string const& file) {
        Json out = {{"schema", "sqd.replay/1.0"},           {"scan", scan_json(result.scan)}, {"state", name(result.state)},
                    {"frames", frames_json(result.frames)}, {"durable", result.durable},      {"archive", file}};
        out.update(curves_json(result));
        return to_text(out) + '\n';
    }
    static std::string lines(ReducedResult const& result, std::string const& file) {
        auto const& f = result.frames;
        std::string const frames = std::to_string(f.used) + " used, " + std::to_string(f.rejected) + " rejected, " +
                                   std::to_string(f.missing) + " missing, " + std::to_string(f.duplicate) + " duplicate";
        return labelled_line("scan", printable(result.scan.id) + " (" + name(result.scan.role) + ", " + name(result.state) + ")") +
               labelled_line("frames", frames) + curves_text(result.curves) + findings_text(result.findings) +
               labelled_line("archive", result.durable ? file : "NOT SAVED") + '\n';
    }

    /// The pattern as it was measured, before any background, in a file named as the scan.
    void export_pattern(ReducedResult const& result, std::string const& format) {
        auto const path = directory_ / (file_name_part(result.scan.id) + '.' + format);
        auto const header = text_header(result);
        try {
            if (format == "dat") write_dat(path, result.curves.pattern, header, overwrite_);
            if (format == "xy") write_xy(path, result.curves.pattern, header, overwrite_);
            if (format == "chi") write_chi(path, result.curves.pattern, header, overwrite_);
        } catch (IoError const& error) {
            std::fprintf(stderr, "%s\n", printable(error.what()).c_str());
            ++unsaved_;
        }
    }

    fs::path directory_;
    NexusArchive archive_;
    std::vector<std::string> exports_;
    Overwrite overwrite_;
    bool json_;
    std::mutex mutex_;
    std::size_t finals_ = 0, unsaved_ = 0, empty_ = 0; ///< empty: of no frame
};

struct Outcome {
    std::uint64_t images = 0, unread = 0;
    std::size_t series = 0;
    bool stopped = false;
};

Outcome feed_all(ReplayArguments const& arguments, Config const& config, Chain& chain, std::stop_token const& stop) {
    Outcome outcome;
    for (auto const& job : jobs_of(arguments)) {
        auto const files = open_file_series(job.paths, file_options(arguments, config, ++outcome.series));
        auto const fed = feed_files(files, job.scan, chain.gate(), arguments.rate_hz, stop, progress_bar(files.name, files.images));
        outcome.images += fed.images;
        outcome.unread += fed.unread;
        outcome.stopped = fed.stopped;
        if (fed.stopped) break;
    }
    return outcome;
}

int replay(ReplayArguments const& arguments) {
    constexpr int exit_failed = 1, exit_bad_data = 65, exit_interrupted = 130;
    spdlog::set_default_logger(spdlog::stderr_logger_mt("sqd"));
    spdlog::set_pattern("%^%l%$: %v");
    spdlog::set_level(arguments.verbose ? spdlog::level::info : spdlog::level::warn);
    StopSignals const signals; // before any thread starts
    Config const config = replay_config(arguments);
    require_writable_directory(config.service.archive_directory);
    SystemClock const clock;
    Counters counters;
    AlarmBoard alarms;
    AnnouncementBoard announcements;
    ReferenceBoard references;       // none is ever chosen
    BackgroundBoard backgrounds({}); // nor here
    Report report(config, arguments);
    Chain chain({config, clock, counters, alarms, announcements, references, backgrounds}, arguments.chain,
                {.result = [&report](std::shared_ptr<ReducedResult> const& result) { report(*result); },
                 .no_result = {},
                 .notice = {},
                 .progress = {},
                 .alive = {}});
    chain.start();
    std::stop_source stop;
    std::exception_ptr failure;
    Outcome outcome;
    std::jthread const watcher([&signals, &stop](std::stop_token const& ended) {
        while (!ended.stop_requested())
            if (signals.came()) stop.request_stop();
    });
    try {
        outcome = feed_all(arguments, config, chain, stop.get_token());
    } catch (...) {
        failure = std::current_exception();
    }
    chain.finish();
    if (failure) std::rethrow_exception(failure);
    if (outcome.stopped && stop.stop_requested()) return exit_interrupted;
    if (chain.failed() || report.unsaved() > 0) return exit_failed;
    return outcome.unread > 0 || report.finals() == 0 || report.empty() > 0 ? exit_bad_data : 0;
}

} // namespace

void add_replay(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<ReplayArguments>();
    CLI::App* verb = app.add_subcommand("replay", "reduce detector files, through exactly the path of live frames");
    verb->footer("Examples:\n"
                 "  sqd replay -c id13.yaml scan_0007_master.h5 --background air_0006_master.h5\n"
                 "  sqd replay -c id15a.yaml glass_*.cbf --exposure 60 -o results\n"
                 "  sqd replay -c id13.yaml map_master.h5 --grid 30x60 --rate 50\n"
                 "  sqd replay -c id15a.yaml ceo2.tif --export dat -o patterns\n"
                 "  sqd replay -c id15a.yaml ceo2.tif --role calibrant --calibrant CeO2\n"
                 "Files: .h5 (DECTRIS data and master files, file.h5::/path), .cbf .tif .edf .npy (.gz, .bz2), folders of these, recorded\n"
                 "messages (mNNNN_pK.bin, .cbor, .cbors).");
    verb->add_option("paths", arguments->paths, "files or folders of one series")->required();
    verb->add_option("-c,--config", arguments->config, "configuration file (YAML)")->required();
    verb->add_option("--background", arguments->background, "files of the background, reduced first");
    verb->add_option("--dark", arguments->dark, "files of the dark (corrections.dark), reduced before that");
    verb->add_flag("--each", arguments->each, "every path is a series of its own");
    verb->add_option("-o,--output", arguments->output, "folder of the archives [archive.directory]");
    verb->add_option(
            "--export", arguments->exports,
            "also write the pattern as text: dat (pyFAI's), xy, chi (Fit2D's); several by commas. The archive is NXazint1d and NXazint2d")
        ->delimiter(',')
        ->check(CLI::IsMember({"dat", "xy", "chi"}));
    verb->add_flag("--overwrite", arguments->overwrite, "replace text files that are there");
    verb->add_option("--role", arguments->role, "sample, background, dark or calibrant")
        ->check(CLI::IsMember({"sample", "background", "dark", "calibrant"}));
    verb->add_option("--calibrant", arguments->calibrant, "role calibrant: Al2O3, CeO2, Cr2O3, LaB6 or Si")
        ->check([](std::string const& name) {
            try {
                calibrant(name);
                return std::string();
            } catch (DataError const& error) {
                return std::string(error.what());
            }
        });
    verb->add_option("--name", arguments->name, "of the scan [the files' name]");
    verb->add_option("--grid", arguments->grid, "map, ROWSxCOLS");
    verb->add_option("--exposure", arguments->exposure_s, "seconds per image, in place of what the files say")->check(CLI::PositiveNumber);
    verb->add_option("--rate", arguments->rate_hz, "images per second; 0 = as fast as they are reduced")->check(CLI::NonNegativeNumber);
    verb->add_option("--kind", arguments->kind, "protocol of recorded messages [told by their content]");
    verb->add_option("--dataset", arguments->dataset, "of the images in an HDF5 file [found]");
    verb->add_option("--workers", arguments->chain.workers, "threads that decode and sum [one per core]");
    verb->add_option("--pixel-sha256", arguments->chain.pixel_sha256_file,
                     "write the SHA-256 of every image's pixels to this file (an audit; slow)");
    verb->add_flag("--json", arguments->json, "one line of JSON per result, with all values and curves");
    verb->add_flag("-v,--verbose", arguments->verbose, "log what happens");
    verb->callback([arguments, &run] { run = [arguments] { return replay(*arguments); }; });
}

} // namespace sqd
