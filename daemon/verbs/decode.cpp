// Every image of every path through the readers that live data use; problems are told and passed over.
#include "daemon/verbs/decode.hpp"

#include "daemon/import/file_series.hpp"
#include "daemon/import/input_kind.hpp"
#include "daemon/verbs/image_summary.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

namespace {

namespace fs = std::filesystem;

enum class Form { columns, tabs, json };

struct DecodeArguments {
    std::vector<std::string> paths;
    FileOptions options;
    bool json = false, tsv = false;
};

/// Lines as they come: a series may be long, and its reader in a hurry.
class Printer {
public:
    explicit Printer(Form form) : form_(form) {}

    void print(ImageSummary const& image) {
        if (form_ == Form::json) {
            std::printf("%s\n", summary_json(image).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        } else {
            if (!std::exchange(header_printed_, true)) print_row({summary_header.begin(), summary_header.end()}, image.item.size());
            auto const cells = summary_cells(image);
            print_row({cells.begin(), cells.end()}, image.item.size());
        }
        std::fflush(stdout);
    }

private:
    /// Columns are as wide as is usual; the first one, once told, as the first name.
    void print_row(std::vector<std::string> const& cells, std::size_t name_width) {
        constexpr std::array<std::size_t, summary_columns> usual{0, 6, 6, 11, 17, 9, 7, 9, 10, 10, 0};
        if (name_width_ == 0) name_width_ = name_width + 2;
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) line += form_ == Form::tabs ? "\t" : "  ";
            line += cells[i];
            std::size_t const width = i == 0 ? name_width_ : usual[i];
            if (form_ == Form::columns && cells[i].size() < width) line.append(width - cells[i].size(), ' ');
        }
        std::printf("%s\n", line.c_str());
    }

    Form form_;
    bool header_printed_ = false;
    std::size_t name_width_ = 0;
};

class DecodeRun {
public:
    explicit DecodeRun(Form form) : printer_(form) {}

    void read(std::vector<fs::path> const& paths, FileOptions const& options) {
        try {
            FileSeries const series = open_file_series(paths, options);
            while (auto const event = series.next()) take(*event);
        } catch (DataError const& error) {
            complain(error.what(), bad_data);
        } catch (IoError const& error) {
            complain(error.what(), no_input);
        }
    }
    int exit_code() const { return exit_code_; }

private:
    static constexpr int bad_data = 65, no_input = 66;

    void take(FileEvent const& event) {
        try {
            if (auto const* frame = std::get_if<Frame>(&event.says)) printer_.print(summary_of(event.item, *frame));
            if (auto const* image = std::get_if<FloatImage>(&event.says)) printer_.print(summary_of(event.item, *image));
        } catch (DecodeError const& error) {
            complain(event.item + ": " + error.what(), bad_data);
        }
        if (auto const* unread = std::get_if<UnreadItem>(&event.says)) complain(event.item + ": " + unread->what, bad_data);
    }
    /// A path that is not there outweighs bad data.
    void complain(std::string const& what, int code) {
        std::fprintf(stderr, "%s\n", printable(what).c_str());
        exit_code_ = std::max(exit_code_, code);
    }

    Printer printer_;
    int exit_code_ = 0;
};

using FileSeries = std::vector<std::vector<fs::path>>;

/// A sequence of messages is a series by itself.
void add_folder(InputFiles inputs, FileSeries& series) {
    if (inputs.kind != InputKind::message_sequence) return series.push_back(std::move(inputs.files));
    for (auto& file : inputs.files) series.push_back({std::move(file)});
}

/// Neighbouring files of one kind are a series, and so are those of one folder. What is not there stands alone: its reader says so.
FileSeries series_of(std::vector<std::string> const& paths) {
    FileSeries series;
    std::optional<InputKind> last; // of the series that the next file may join
    for (fs::path const path : paths) {
        auto const kind = fs::is_regular_file(path) ? input_kind(path) : std::nullopt;
        if (kind && kind == last) {
            series.back().push_back(path);
            continue;
        }
        auto inside = fs::is_directory(path) ? inputs_below(path) : std::vector<InputFiles>{};
        if (inside.empty()) series.push_back({path});
        for (auto& inputs : inside) add_folder(std::move(inputs), series);
        last = kind == InputKind::message_sequence ? std::nullopt : kind;
    }
    return series;
}

int decode_command(DecodeArguments const& arguments) {
    Form const form = arguments.json ? Form::json : arguments.tsv || isatty(STDOUT_FILENO) == 0 ? Form::tabs : Form::columns;
    DecodeRun run(form);
    for (auto const& paths : series_of(arguments.paths)) run.read(paths, arguments.options);
    return run.exit_code();
}

} // namespace

void add_decode(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<DecodeArguments>();
    arguments->options.decoder.pixels = PixelRule::as_written;
    arguments->options.all_channels = true;
    CLI::App* verb = app.add_subcommand("decode", "print what the images of detector files and recorded messages hold");
    verb->add_option(
            "path", arguments->paths,
            "files or folders: .cbf, .edf and .npy (also .gz, .bz2), .tif, .h5 (file.h5::/path names the dataset), recorded "
            "messages mNNNN_pK.bin, .cbor, .cbors; neighbouring files of one kind are one series; folders with all that is in them")
        ->required();
    verb->add_option("--kind", arguments->options.kind, "protocol of recorded messages, as source.kind (default: told by their content)");
    verb->add_option("--dataset", arguments->options.dataset, "path of the images in HDF5 files (default: found)");
    verb->add_flag("--json", arguments->json, "one JSON object for each image");
    verb->add_flag("--tsv", arguments->tsv, "columns parted by tabs, as when the output is no terminal");
    verb->footer(
        "Examples:\n"
        "  sqd decode scan_0001.cbf.gz\n"
        "  sqd decode run7_master.h5\n"
        "  sqd decode lab.h5::/entry_0000/measurement/data\n"
        "  sqd decode --json recorded_messages/ > images.jsonl\n"
        "  sqd decode --tsv scan_*.tif | cut -f 1,11\n"
        "Each image is one line: where it was read, series, frame, channel, encoding, shape (rows x columns), type; how many pixels\n"
        "are sentinels (the largest value of an unsigned type, negative values of a signed one, NaN and infinity of floating point);\n"
        "sum and largest value of the others; SHA-256 of the little-endian pixels, exactly as decoded.\n"
        "What cannot be read is told on standard error; the rest goes on. Exit code 65 if anything could not be read, 66 if a path is "
        "not there.");
    verb->callback([arguments, &run] { run = [arguments] { return decode_command(*arguments); }; });
}

} // namespace sqd
