// Curves and points of a result as comma-separated tables, with units in the names of the columns.
#pragma once

#include "daemon/archive/read_archive.hpp"
#include "daemon/export/text_files.hpp"

#include <string>
#include <vector>

namespace sqd {

/// One column: "q [1/angstrom]" above its cells.
struct CsvColumn {
    std::string label;
    std::vector<std::string> cells;
};

/// A column of numbers, each in the shortest form that reads back the same.
CsvColumn csv_numbers(std::string label, std::vector<double> const& values);

/// `#` lines of the header, one line of labels, one line for each row; a cell with a comma or a quote is quoted. Columns are of one length
/// (assert).
std::string csv_text(TextHeader const& header, std::vector<CsvColumn> const& columns);

// Tables of a result; each is there where its curve is. Sigmas have the name of their column and `_sigma`.

/// radial axis, q, I, pixels; background and net where one was subtracted.
std::string pattern_csv(ReducedResult const& result, TextHeader const& header);
/// q, S, F.
std::string sq_csv(StructureFactor const& sq, TextHeader const& header);
/// q, data, fit, residual over the window of the peak.
std::string fsdp_csv(Fsdp const& fsdp, TextHeader const& header);
/// r, G; g, RDF, T where the scale is absolute.
std::string gr_csv(PairDistribution const& gr, TextHeader const& header);
/// A row for each frame: number, on maps row and column, why it was left out (empty: used), exposure, monitor, counts over all bins and,
/// of maps, the peak.
std::string points_csv(ArchivedResult const& archived, TextHeader const& header);

} // namespace sqd
