#include "daemon/export/series.hpp"

#include "daemon/export/csv_text.hpp"
#include "daemon/publish/result_message.hpp"
#include "pipeline/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace sqd {

namespace {

std::int64_t earliest(std::vector<SeriesScan> const& scans) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (auto const& scan : scans)
        if (scan.result.scan.role == Role::sample) first = std::min(first, scan.result.time.first_frame_ns);
    return first;
}

std::optional<double> value_of(std::string const& parameter, ReducedResult const& result, std::int64_t first_ns) {
    auto const announced = result.scan.parameters.find(parameter);
    if (announced != result.scan.parameters.end()) return announced->second;
    if (parameter != "time" || result.time.first_frame_ns == 0) return std::nullopt;
    return static_cast<double>(result.time.first_frame_ns - first_ns) * 1e-9;
}

std::string names(std::map<std::string, double> const& parameters) {
    std::string out;
    for (auto const& [name, value] : parameters) out += (out.empty() ? "" : ", ") + name;
    return out.empty() ? "none" : out;
}

class SeriesColumns {
public:
    explicit SeriesColumns(Series const& series) : series_(series) {}

    void text(std::string const& name, std::string (*of)(SeriesScan const&)) {
        CsvColumn column{name, {}};
        for (auto const& scan : series_.scans) column.cells.push_back(of(scan));
        columns_.push_back(std::move(column));
    }
    template <class Of>
    void number(std::string const& name, std::string const& unit, Of const& of) {
        std::vector<double> values;
        for (auto const& scan : series_.scans) values.push_back(of(scan));
        columns_.push_back(csv_numbers(unit.empty() ? name : name + " [" + unit + "]", values));
    }
    void peak(char const* name, char const* unit, double Fsdp::*member) {
        number(name, unit, [member](SeriesScan const& scan) {
            auto const& fsdp = scan.result.curves.fsdp;
            return fsdp ? (*fsdp).*member : std::nan("");
        });
    }
    void shell(char const* name, char const* unit, double (*of)(Shell const&)) {
        number(name, unit, [of](SeriesScan const& scan) {
            auto const& gr = scan.result.curves.gr;
            return gr && !gr->shells.empty() ? of(gr->shells.front()) : std::nan("");
        });
    }
    std::vector<CsvColumn> const& all() const { return columns_; }

private:
    Series const& series_;
    std::vector<CsvColumn> columns_;
};

void add_peak(SeriesColumns& columns) {
    columns.peak("q1", inverse_angstrom, &Fsdp::q1);
    columns.peak("q1_sigma", inverse_angstrom, &Fsdp::q1_sigma);
    columns.peak("q1_sigma_geometry", inverse_angstrom, &Fsdp::q1_sigma_geometry);
    columns.peak("q1_sigma_model", inverse_angstrom, &Fsdp::q1_sigma_model);
    columns.peak("q1_max", inverse_angstrom, &Fsdp::q1_max);
    columns.peak("fwhm", inverse_angstrom, &Fsdp::fwhm);
    columns.peak("fwhm_sigma", inverse_angstrom, &Fsdp::fwhm_sigma);
    columns.peak("height", "", &Fsdp::height);
    columns.peak("height_sigma", "", &Fsdp::height_sigma);
    columns.peak("chi2_reduced", "", &Fsdp::chi2_reduced);
}

double of_scale(SeriesScan const& scan, double Normalization::*member) {
    auto const& sq = scan.result.curves.sq;
    return sq ? sq->normalization.*member : std::nan("");
}

void add_scale_and_shell(SeriesColumns& columns) {
    columns.number("alpha", "", [](SeriesScan const& scan) { return of_scale(scan, &Normalization::alpha); });
    columns.number("alpha_sigma", "", [](SeriesScan const& scan) { return of_scale(scan, &Normalization::alpha_sigma); });
    columns.shell("shell1_r", "angstrom", [](Shell const& s) { return s.r_A.value; });
    columns.shell("shell1_r_sigma", "angstrom", [](Shell const& s) { return s.r_A.sigma; });
    columns.shell("shell1_coordination", "", [](Shell const& s) { return s.coordination ? s.coordination->value : std::nan(""); });
    columns.shell("shell1_coordination_sigma", "", [](Shell const& s) { return s.coordination ? s.coordination->sigma : std::nan(""); });
}

std::string flags_text(SeriesScan const& scan) {
    std::string out;
    for (std::string const& flag : scan.result.curves.flags) out += (out.empty() ? "" : " ") + flag;
    return out;
}

} // namespace

Series series_of(std::string const& parameter, std::vector<SeriesScan> scans) {
    Series out{parameter, {}, {}};
    std::int64_t const first_ns = earliest(scans);
    for (SeriesScan& scan : scans) {
        std::string const file = scan.archive.filename().string();
        Role const role = scan.result.scan.role;
        if (role != Role::sample) {
            out.left_out.push_back(file + ": is a " + name(role));
        } else if (auto const at = value_of(parameter, scan.result, first_ns); !at) {
            out.left_out.push_back(file + ": has no parameter '" + parameter +
                                   "' (announced with it: " + names(scan.result.scan.parameters) + ")");
        } else {
            scan.at = *at;
            out.scans.push_back(std::move(scan));
        }
    }
    auto const order = [](SeriesScan const& s) { return std::tuple(s.at, s.result.time.first_frame_ns, s.result.scan.uid); };
    std::sort(out.scans.begin(), out.scans.end(), [&](auto const& a, auto const& b) { return order(a) < order(b); });
    return out;
}

std::string series_csv(Series const& series) {
    SeriesColumns columns(series);
    columns.number(series.parameter, series.parameter == "time" ? "s" : "", [](SeriesScan const& scan) { return scan.at; });
    columns.text("sample", [](SeriesScan const& scan) { return scan.result.scan.id; });
    columns.text("mount", [](SeriesScan const& scan) { return scan.result.scan.mount; });
    columns.text("start", [](SeriesScan const& scan) {
        return scan.result.time.first_frame_ns == 0 ? std::string() : iso_time(scan.result.time.first_frame_ns);
    });
    columns.number("frames", "", [](SeriesScan const& scan) { return static_cast<double>(scan.result.frames.used); });
    add_peak(columns);
    add_scale_and_shell(columns);
    columns.text("flags", flags_text);
    columns.text("uid", [](SeriesScan const& scan) { return scan.result.scan.uid; });
    columns.text("archive", [](SeriesScan const& scan) { return scan.archive.filename().string(); });
    TextHeader header;
    header.comments.push_back("series against " + series.parameter + ", " + std::to_string(series.scans.size()) + " scans");
    return csv_text(header, columns.all());
}

} // namespace sqd
