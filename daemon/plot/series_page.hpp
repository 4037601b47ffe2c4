// A series of scans on one page: what moves with the parameter, and the curves over each other.
#pragma once

#include "daemon/export/series.hpp"
#include "daemon/plot/canvas.hpp"

#include <string>

namespace sqd {

/// q1, FWHM and, of G(r), the first shell with error bars against the parameter; S(q), the peak and G(r) of all scans, coloured by it.
std::string series_page(Series const& series, PageKind kind);

} // namespace sqd
