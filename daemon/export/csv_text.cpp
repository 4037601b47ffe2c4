#include "daemon/export/csv_text.hpp"

#include "daemon/export/number_text.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/real_space_forms.hpp"

#include <cassert>
#include <utility>

namespace sqd {

namespace {

std::string cell(std::string const& text) {
    if (text.find_first_of(",\"\n\r") == text.npos) return text;
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"') out += '"';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out + '"';
}

/// Columns of numbers, one after the other; what has no values is left out.
class Table {
public:
    Table& add(std::string const& name, std::string const& unit, std::vector<double> const& values) {
        if (!values.empty()) columns_.push_back(csv_numbers(unit.empty() ? name : name + " [" + unit + "]", values));
        return *this;
    }
    Table& add(std::string name, std::vector<std::string> values) {
        columns_.push_back({std::move(name), std::move(values)});
        return *this;
    }
    /// The values, and what repeated counting would scatter them by.
    Table& add(std::string const& name, std::string const& unit, std::vector<double> const& values, std::vector<double> const& sigma) {
        return add(name, unit, values).add(name + "_sigma", unit, sigma);
    }
    std::string text(TextHeader const& header) const { return csv_text(header, columns_); }

private:
    std::vector<CsvColumn> columns_;
};

char const* unit_text(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return inverse_angstrom;
    case RadialUnit::q_invnm: return "1/nm";
    case RadialUnit::two_theta_deg: return "deg";
    case RadialUnit::two_theta_rad: return "rad";
    case RadialUnit::r_mm: return "mm";
    }
    return "";
}

template <class Of>
std::vector<double> of_points(PointTable const& points, Of const& of) {
    std::vector<double> out;
    for (std::size_t i = 0; i < points.number.size(); ++i) out.push_back(static_cast<double>(of(i)));
    return out;
}

void add_places(Table& table, PointTable const& points, MapGrid const& grid) {
    table.add("row", "", of_points(points, [&](std::size_t i) { return grid.place(points.number[i]) / grid.cols; }));
    table.add("col", "", of_points(points, [&](std::size_t i) { return grid.place(points.number[i]) % grid.cols; }));
}

void add_peaks(Table& table, PointTable const& points) {
    auto const column = [&](double PointPeak::*member) {
        return of_points(points, [&](std::size_t i) { return points.peaks[i].*member; });
    };
    table.add("q1", inverse_angstrom, column(&PointPeak::q1), column(&PointPeak::q1_sigma));
    table.add("fwhm", inverse_angstrom, column(&PointPeak::fwhm), column(&PointPeak::fwhm_sigma));
    table.add("chi2_reduced", "", column(&PointPeak::chi2_reduced));
}

} // namespace

CsvColumn csv_numbers(std::string label, std::vector<double> const& values) {
    CsvColumn out{std::move(label), {}};
    for (double const value : values) out.cells.push_back(shortest(value));
    return out;
}

std::string csv_text(TextHeader const& header, std::vector<CsvColumn> const& columns) {
    std::string out = commented_head(header);
    std::size_t const rows = columns.empty() ? 0 : columns.front().cells.size();
    auto const line = [&](auto const& of) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) out += ',';
            out += cell(of(columns[i]));
        }
        out += '\n';
    };
    line([](CsvColumn const& column) { return column.label; });
    for (std::size_t row = 0; row < rows; ++row)
        line([&](CsvColumn const& column) {
            assert(column.cells.size() == rows);
            return column.cells[row];
        });
    return out;
}

std::string pattern_csv(ReducedResult const& result, TextHeader const& header) {
    ReducedCurves const& c = result.curves;
    Table table;
    if (c.pattern.unit != RadialUnit::q_invA) table.add("radial", unit_text(c.pattern.unit), c.pattern.radial);
    table.add("q", inverse_angstrom, c.pattern.q_invA)
        .add("I", "", c.pattern.intensity, c.pattern.sigma)
        .add("pixels", "", c.pattern.pixels);
    if (c.background) table.add("background", "", c.background->intensity, c.background->sigma);
    if (c.net) table.add("net", "", c.net->intensity, c.net->sigma);
    return table.text(header);
}

std::string sq_csv(StructureFactor const& sq, TextHeader const& header) {
    std::vector<double> f_sigma(sq.s_sigma);
    for (std::size_t i = 0; i < f_sigma.size(); ++i) f_sigma[i] *= sq.q_invA[i];
    return Table()
        .add("q", inverse_angstrom, sq.q_invA)
        .add("S", "", sq.s, sq.s_sigma)
        .add("F", inverse_angstrom, sq.f, f_sigma)
        .text(header);
}

std::string fsdp_csv(Fsdp const& fsdp, TextHeader const& header) {
    return Table()
        .add("q", inverse_angstrom, fsdp.q_invA)
        .add("data", "", fsdp.data, fsdp.data_sigma)
        .add("fit", "", fsdp.fit)
        .add("residual", "sigma", fsdp.residual)
        .text(header);
}

std::string gr_csv(PairDistribution const& gr, TextHeader const& header) {
    Table table;
    table.add("r", "angstrom", gr.r_A).add("G", "1/angstrom^2", gr.g, gr.g_sigma);
    auto const forms = real_space_forms(gr);
    if (forms.pair.empty()) return table.text(header);
    table.add("g", "", forms.pair, forms.pair_sigma).add("RDF", inverse_angstrom, forms.rdf, forms.rdf_sigma);
    return table.add("T", "1/angstrom^2", forms.total, gr.g_sigma).text(header);
}

std::string points_csv(ArchivedResult const& archived, TextHeader const& header) {
    PointTable const& points = *archived.result.points;
    Table table;
    table.add("frame", "", of_points(points, [&](std::size_t i) { return points.number[i]; }));
    if (archived.result.scan.grid) add_places(table, points, *archived.result.scan.grid);
    table.add("left_out", points.reason).add("exposure", "s", points.exposure_s).add("monitor", "", points.monitor);
    table.add("counts", "", archived.point_counts);
    if (!points.peaks.empty()) add_peaks(table, points);
    return table.text(header);
}

} // namespace sqd
