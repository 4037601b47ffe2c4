#include "daemon/archive/detector_file.hpp"

#include "daemon/file_name.hpp"

#include <string_view>

namespace sqd {

namespace {

void fill_in(std::string& text, std::string_view what, std::string const& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

} // namespace

std::string detector_file(std::string pattern, ScanIdentity const& scan) {
    fill_in(pattern, "{series}", std::to_string(scan.series_id));
    fill_in(pattern, "{name}", file_name_part(scan.id));
    return pattern;
}

} // namespace sqd
