// Archives in, files out; one that cannot be read does not keep the others.
#include "daemon/verbs/export.hpp"

#include "daemon/archive/read_archive.hpp"
#include "daemon/durable_file.hpp"
#include "daemon/export/archived_messages.hpp"
#include "daemon/export/export_files.hpp"
#include "daemon/export/file_names.hpp"
#include "daemon/export/series.hpp"
#include "daemon/flag_words.hpp"
#include "daemon/import/natural_order.hpp"
#include "daemon/plot/series_page.hpp"
#include "daemon/publish/result_message.hpp"
#include "daemon/verbs/small_process.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "daemon/web/viewer_frame.hpp"
#include "pipeline/core/errors.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

constexpr int exit_bad_data = 65, exit_no_input = 66;

struct ExportArguments {
    std::vector<std::string> archives, formats;
    std::string directory = ".", name, series;
    bool json = false, messages = false;
};

/// Folders with all archives in them.
std::vector<fs::path> archive_files(std::vector<std::string> const& named) {
    std::vector<fs::path> out;
    for (fs::path const path : named) {
        if (!fs::is_directory(path)) {
            out.push_back(path);
            continue;
        }
        std::vector<fs::path> inside;
        for (auto const& entry : fs::directory_iterator(path))
            if (entry.path().extension() == ".nxs") inside.push_back(entry.path());
        std::sort(inside.begin(), inside.end(), [](fs::path const& a, fs::path const& b) { return natural_less(a.native(), b.native()); });
        out.insert(out.end(), inside.begin(), inside.end());
    }
    return out;
}

/// What came of it, in lines as it goes or as one JSON object at the end.
class Report {
public:
    explicit Report(bool json) : json_(json) {}

    void scan(fs::path const& archive, ReducedResult const& result, std::vector<ExportedFile> const& files,
              std::vector<std::string> const& missing) {
        Json out = {{"archive", archive.string()},
                    {"sample", result.scan.id},
                    {"uid", result.scan.uid},
                    {"files", files_json(files)},
                    {"missing", missing}};
        scans_.push_back(std::move(out));
        print(files);
    }
    void series(Series const& series, std::vector<ExportedFile> const& files) {
        series_ = {
            {"parameter", series.parameter}, {"scans", series.scans.size()}, {"left_out", series.left_out}, {"files", files_json(files)}};
        print(files);
    }
    void complain(std::string const& what, int code) {
        std::fprintf(stderr, "sqd: %s\n", printable(what).c_str());
        problems_.push_back(what);
        exit_code_ = std::max(exit_code_, code);
    }
    int finish() const {
        if (!json_) return exit_code_;
        Json out = {{"schema", "sqd.export/1.0"}, {"scans", scans_}, {"problems", problems_}};
        if (!series_.is_null()) out["series"] = series_;
        std::printf("%s\n", to_text(out).c_str());
        return exit_code_;
    }

private:
    static Json files_json(std::vector<ExportedFile> const& files) {
        Json out = Json::array();
        for (auto const& file : files) out.push_back({{"format", file.format}, {"kind", file.kind}, {"path", file.path.string()}});
        return out;
    }
    void print(std::vector<ExportedFile> const& files) const {
        if (json_) return;
        for (auto const& file : files) std::printf("%s\n", file.path.c_str());
    }

    bool json_;
    Json scans_ = Json::array(), problems_ = Json::array(), series_;
    int exit_code_ = 0;
};

/// Calls `use`; what the file does wrong is told and the next one comes.
template <class Use>
void with_archive(Report& report, fs::path const& path, Use const& use) {
    try {
        use();
    } catch (DecodeError const& error) {
        report.complain(path.string() + ": " + error.what(), exit_bad_data);
    } catch (DataError const& error) {
        report.complain(path.string() + ": " + error.what(), exit_bad_data);
    } catch (IoError const& error) {
        if (error.output()) throw;
        report.complain(error.what(), exit_no_input);
    }
}

/// A result does not say why a curve is not there; where it is not the configuration, a flag tells.
std::string why_missing(ReducedResult const& result) {
    std::string flags;
    for (std::string const& flag : flags_in_words(result.curves.flags)) flags += (flags.empty() ? "" : "; ") + flag;
    return "not computed: the configuration did not ask for it, or could not have it" +
           (flags.empty() ? "" : "; flags of the result: " + flags);
}

void export_scan(ExportArguments const& arguments, fs::path const& path, Report& report) {
    std::vector<std::string> const usual{"dat", "sq", "fq", "gr", "report"};
    bool const asked = !arguments.formats.empty();
    ArchivedResult const archived = read_archive(path);
    std::vector<ExportFile> files;
    std::vector<std::string> missing;
    for (std::string const& format : asked ? arguments.formats : usual) {
        auto of_format = files_of(archived, format);
        if (of_format.empty()) missing.push_back(format);
        std::move(of_format.begin(), of_format.end(), std::back_inserter(files));
    }
    auto const written =
        write_files(files, arguments.directory, arguments.name.empty() ? "{sample}" : arguments.name, name_fields(archived.result, path));
    report.scan(path, archived.result, written, missing);
    if (!asked || archived.result.scan.role != Role::sample) return; // nobody expects S(q) of air
    for (std::string const& format : missing)
        report.complain(path.string() + ": no " + format + " in it (" + why_missing(archived.result) + ")", exit_bad_data);
}

bool wants(ExportArguments const& arguments, char const* format) {
    auto const& all = arguments.formats;
    return std::find(all.begin(), all.end(), format) != all.end();
}

void export_series(ExportArguments const& arguments, std::vector<fs::path> const& paths, Report& report) {
    std::vector<SeriesScan> scans;
    for (fs::path const& path : paths)
        with_archive(report, path, [&] { scans.push_back({path, read_archive(path, ArchiveParts::curves).result, 0}); });
    Series const series = series_of(arguments.series, std::move(scans));
    for (std::string const& left_out : series.left_out) std::fprintf(stderr, "left out: %s\n", printable(left_out).c_str());
    if (series.scans.empty()) return report.complain("no scan with the parameter '" + arguments.series + "'", exit_bad_data);
    bool const usual = arguments.formats.empty();
    std::vector<ExportFile> files;
    if (usual || wants(arguments, "csv"))
        files.push_back({"csv", "series", ".csv", false, [&](auto const&) { return series_csv(series); }});
    if (usual || wants(arguments, "report"))
        files.push_back({"report", "series", ".png", false, [&](auto const&) { return series_page(series, PageKind::png); }});
    if (wants(arguments, "pdf"))
        files.push_back({"pdf", "series", ".pdf", false, [&](auto const&) { return series_page(series, PageKind::pdf); }});
    if (files.empty()) return report.complain("a series is written as csv, report or pdf", exit_bad_data);
    auto fields = name_fields(series.scans.front().result, series.scans.front().archive);
    fields["parameter"] = series.parameter;
    report.series(series, write_files(files, arguments.directory, arguments.name.empty() ? "series_{parameter}" : arguments.name, fields));
}

/// On standard output, one behind the other.
int write_messages(fs::path const& path) {
    stay_small();
    for (WireMessage const& message : archived_messages(read_archive(path), path.filename().string())) {
        auto const frame = viewer_frame(message);
        if (std::fwrite(frame->data(), 1, frame->size(), stdout) != frame->size())
            throw IoError("standard output: cannot be written", true);
    }
    if (std::fflush(stdout) != 0) throw IoError("standard output: cannot be written", true);
    return 0;
}

int export_command(ExportArguments const& arguments) {
    if (arguments.messages) {
        if (arguments.archives.size() != 1) throw CLI::ValidationError("--messages", "is of one archive (name one file)");
        return write_messages(arguments.archives.front());
    }
    Report report(arguments.json);
    require_writable_directory(arguments.directory);
    auto const paths = archive_files(arguments.archives);
    if (!arguments.series.empty()) {
        export_series(arguments, paths, report);
        return report.finish();
    }
    for (fs::path const& path : paths) with_archive(report, path, [&] { export_scan(arguments, path, report); });
    if (paths.empty()) report.complain("no archive in these folders (files of archives end in .nxs)", exit_no_input);
    return report.finish();
}

std::string formats_help() {
    std::string out = "Formats:\n";
    for (ExportFormat const& format : export_formats()) {
        std::string const word = format.word;
        out += "  " + word + std::string(9 - word.size(), ' ') + format.holds + "\n";
    }
    return out;
}

std::vector<std::string> format_words() {
    std::vector<std::string> out;
    for (ExportFormat const& format : export_formats()) out.emplace_back(format.word);
    return out;
}

} // namespace

void add_export(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* verb = app.add_subcommand("export", "archived scans as files for other programs, tables, or a page with everything on it");
    verb->footer("Examples:\n"
                 "  sqd export archive/vit4_643K_sample_*.nxs -o for_the_paper\n"
                 "  sqd export --format gr,sq archive/                      every scan of the folder\n"
                 "  sqd export --format points --name '{sample}_{date}' archive/map.nxs\n"
                 "  sqd export --series T_comp archive/ -o series           q1, FWHM, ... against a parameter that was announced\n"
                 "  sqd export --json --format csv archive/map.nxs          which files it wrote, for a script\n" +
                 formats_help() +
                 "Without --format: dat, sq, fq, gr and report, those that there are.\n"
                 "No file is ever replaced: where another one has the name, _1 is added; where the same one is there, it stays.\n"
                 "Fields of names: {sample} {scan} {uid} {role} {mount} {result} {date} {time} {kind}, and every announced parameter.\n"
                 "Exit codes: 0 done, 65 something asked for is not there or cannot be read, 66 no such file, 74 cannot write.");
    verb->add_option("archives", arguments->archives, "archive files (.nxs), or folders of them")->required();
    verb->add_option("-f,--format", arguments->formats, "what to write, several by commas")
        ->delimiter(',')
        ->check(CLI::IsMember(format_words()));
    verb->add_option("-o,--out-dir", arguments->directory, "folder of the files; made if it is not there")->capture_default_str();
    verb->add_option("--name", arguments->name, "template of their names [{sample}; of a series: series_{parameter}]");
    verb->add_option("--series", arguments->series, "one table and one page of all scans against this parameter; time: since the first");
    verb->add_flag("--messages", arguments->messages,
                   "write no file: the messages of one archive to standard output, as the page gets them");
    verb->add_flag("--json", arguments->json, "say what was written as JSON");
    verb->callback([arguments, &run] { run = [arguments] { return export_command(*arguments); }; });
}

} // namespace sqd
