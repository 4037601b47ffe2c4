#include "daemon/export/export_files.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/export/csv_text.hpp"
#include "daemon/export/file_names.hpp"
#include "daemon/export/text_files.hpp"
#include "daemon/import/pattern_file.hpp"
#include "daemon/plot/report.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;
using Files = std::vector<ExportFile>;

/// A text of a known content.
ExportFile text_file(std::string format, std::string kind, bool says_kind, std::string text) {
    std::string const ending = std::string(".").append(format);
    return {std::move(format), std::move(kind), ending, says_kind, [text = std::move(text)](std::string const&) { return text; }};
}

/// As measured, and less its background.
std::vector<std::pair<char const*, Pattern1D const*>> patterns(ReducedCurves const& curves) {
    std::vector<std::pair<char const*, Pattern1D const*>> out;
    if (!curves.pattern.radial.empty()) out.emplace_back("pattern", &curves.pattern);
    if (curves.net) out.emplace_back("net", &*curves.net);
    return out;
}

Files dat_files(ArchivedResult const& archived) {
    Files out;
    auto const header = text_header(archived.result);
    for (auto const& [kind, pattern] : patterns(archived.result.curves))
        out.push_back({"dat", kind, ".dat", pattern != &archived.result.curves.pattern,
                       [header, p = *pattern](std::string const& path) { return dat_text(p, header, path); }});
    return out;
}

Files xy_files(ArchivedResult const& archived) {
    Files out;
    for (auto const& [kind, pattern] : patterns(archived.result.curves))
        out.push_back(text_file("xy", kind, pattern != &archived.result.curves.pattern, xy_text(*pattern, text_header(archived.result))));
    return out;
}

Files chi_files(ArchivedResult const& archived) {
    Files out;
    for (auto const& [kind, pattern] : patterns(archived.result.curves))
        out.push_back(text_file("chi", kind, pattern != &archived.result.curves.pattern,
                                chi_text(*pattern, text_header(archived.result), archived.result.scan.id)));
    return out;
}

/// The curve of the physical route under the plain name, that of the ad hoc route beside it. `text` writes either.
template <class Curve, class Text>
Files curve_files(char const* format, ArchivedResult const& archived, std::optional<Curve> const& curve, Text const& text) {
    Files out;
    auto const header = text_header(archived.result);
    if (curve) out.push_back(text_file(format, format, false, text(*curve, header)));
    if (auto const& ad_hoc = archived.result.curves.ad_hoc) out.push_back(text_file(format, "adhoc", true, text(*ad_hoc, header)));
    return out;
}

Files sq_files(ArchivedResult const& archived) {
    return curve_files("sq", archived, archived.result.curves.sq,
                       [](auto const& curve, auto const& header) { return sq_text(curve, header); });
}

Files fq_files(ArchivedResult const& archived) {
    return curve_files("fq", archived, archived.result.curves.sq,
                       [](auto const& curve, auto const& header) { return fq_text(curve, header); });
}

Files gr_files(ArchivedResult const& archived) {
    return curve_files("gr", archived, archived.result.curves.gr,
                       [](auto const& curve, auto const& header) { return gr_text(curve, header); });
}

Files csv_files(ArchivedResult const& archived) {
    Files out;
    ReducedCurves const& c = archived.result.curves;
    auto const header = text_header(archived.result);
    auto const add = [&](char const* kind, std::string text) { out.push_back(text_file("csv", kind, true, std::move(text))); };
    if (!c.pattern.radial.empty()) add("pattern", pattern_csv(archived.result, header));
    if (c.sq) add("sq", sq_csv(*c.sq, header));
    if (c.fsdp) add("fsdp", fsdp_csv(*c.fsdp, header));
    if (c.gr) add("gr", gr_csv(*c.gr, header));
    return out;
}

Files points_files(ArchivedResult const& archived) {
    if (!archived.result.points || archived.result.points->number.empty()) return {};
    ExportFile file = text_file("points", "points", true, points_csv(archived, text_header(archived.result)));
    file.ending = ".csv";
    return {std::move(file)};
}

Files page_files(ArchivedResult const& archived, char const* format, char const* ending, PageKind kind) {
    return {{format, "report", ending, true, [&archived, kind](std::string const&) { return report_page(archived, kind); }}};
}

Files report_files(ArchivedResult const& archived) {
    return page_files(archived, "report", ".png", PageKind::png);
}

Files pdf_files(ArchivedResult const& archived) {
    return page_files(archived, "pdf", ".pdf", PageKind::pdf);
}

struct Writer {
    ExportFormat format;
    Files (*files)(ArchivedResult const&);
};

constexpr std::array writers{Writer{{"dat", "I(q) as pyFAI writes it; with a background the net pattern beside it"}, dat_files},
                             Writer{{"xy", "the same in two or three columns"}, xy_files},
                             Writer{{"chi", "the same for Fit2D"}, chi_files},
                             Writer{{"sq", "S(q) with sigma, PDFgetX3's layout"}, sq_files},
                             Writer{{"fq", "F(q)"}, fq_files},
                             Writer{{"gr", "G(r) with sigma, as diffpy and PDFgui read it"}, gr_files},
                             Writer{{"csv", "every curve as a table with units"}, csv_files},
                             Writer{{"points", "a row for each frame (.csv): counts, peak, why it was left out"}, points_files},
                             Writer{{"report", "one page with all curves, fit, map, settings (.png)"}, report_files},
                             Writer{{"pdf", "the same page as PDF"}, pdf_files}};

constexpr auto formats = [] {
    std::array<ExportFormat, writers.size()> out{};
    for (std::size_t i = 0; i < writers.size(); ++i) out[i] = writers[i].format;
    return out;
}();

/// Whether the file may have that name: nothing is there, or the same bytes are.
bool is_free_for(fs::path const& path, std::string const& content) {
    std::error_code unreadable;
    if (!fs::exists(fs::symlink_status(path, unreadable))) return true;
    return fs::is_regular_file(path, unreadable) && fs::file_size(path, unreadable) == content.size() && read_whole_file(path) == content;
}

struct Named {
    fs::path path;
    std::string content;
};

std::vector<Named> named(std::vector<ExportFile> const& files, fs::path const& directory, std::string const& name_template,
                         std::map<std::string, std::string> fields, std::size_t number) {
    bool const template_says = name_template.find("{kind}") != name_template.npos;
    std::vector<Named> out;
    for (ExportFile const& file : files) {
        fields["kind"] = file.kind;
        std::string name = filled_name(name_template, fields);
        if (number > 0) name.append("_").append(std::to_string(number));
        if (file.says_kind && !template_says) name.append("_").append(file.kind);
        fs::path const path = directory / (name + file.ending);
        out.push_back({path, file.content(path.string())});
    }
    return out;
}

} // namespace

std::span<ExportFormat const> export_formats() {
    return formats;
}

std::vector<ExportFile> files_of(ArchivedResult const& archived, std::string const& format) {
    auto const writer = std::find_if(writers.begin(), writers.end(), [&](Writer const& each) { return each.format.word == format; });
    if (writer == writers.end()) throw DataError(format + ": no format that is known (sqd export --help lists them) write one of these");
    return writer->files(archived);
}

std::vector<ExportedFile> write_files(std::vector<ExportFile> const& files, fs::path const& directory, std::string const& name_template,
                                      std::map<std::string, std::string> const& fields) {
    for (std::size_t number = 0;; ++number) {
        auto const set = named(files, directory, name_template, fields, number);
        if (!std::all_of(set.begin(), set.end(), [](Named const& each) { return is_free_for(each.path, each.content); })) continue;
        std::vector<ExportedFile> out;
        for (std::size_t i = 0; i < set.size(); ++i) {
            if (!fs::exists(set[i].path)) create_file(set[i].path, std::as_bytes(std::span(set[i].content)));
            out.push_back({files[i].format, files[i].kind, set[i].path});
        }
        return out;
    }
}

} // namespace sqd
