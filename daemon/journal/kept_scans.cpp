#include "daemon/journal/kept_scans.hpp"

#include "daemon/journal/kept_scan_codec.hpp"
#include "daemon/journal/sealed_file.hpp"
#include "daemon/run/hashes.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

constexpr char const* scan_mark = "SQDK";

} // namespace

KeptScanFiles::KeptScanFiles(fs::path directory, std::string conditions)
    : directory_(std::move(directory)), conditions_(std::move(conditions)) {}

KeptScans KeptScanFiles::read() {
    KeptScans out;
    std::vector<SealedContent> backgrounds;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(directory_, error)) {
        auto const name = entry.path().filename().string();
        if (entry.path().extension() != ".sqdk") continue;
        auto content = read_sealed(entry.path(), scan_mark);
        if (!content) {
            ++out.damaged;
            continue;
        }
        sequence_ = std::max(sequence_, content->sequence);
        if (name != "dark.sqdk") {
            backgrounds.push_back(std::move(*content));
            continue;
        }
        try {
            if (auto dark = read_dark(content->bytes, conditions_))
                out.dark = std::move(dark);
            else
                ++out.of_other_conditions;
        } catch (DataError const&) {
            ++out.damaged;
        }
    }
    std::sort(backgrounds.begin(), backgrounds.end(), [](auto const& a, auto const& b) { return a.sequence < b.sequence; });
    for (auto const& content : backgrounds) {
        try {
            if (auto background = read_background(content.bytes, conditions_))
                out.backgrounds.push_back(std::move(*background));
            else
                ++out.of_other_conditions;
        } catch (DataError const&) {
            ++out.damaged;
        }
    }
    return out;
}

fs::path KeptScanFiles::background_file(std::string const& id) const {
    constexpr std::size_t enough = 16;
    return directory_ / ("background-" + sha256_hex(id).substr(0, enough) + ".sqdk");
}

void KeptScanFiles::write(StoredBackground const& background) {
    replace_sealed(background_file(background.id), scan_mark, ++sequence_, background_bytes(background, conditions_));
}

void KeptScanFiles::forget_background(std::string const& id) {
    std::error_code error;
    fs::remove(background_file(id), error);
    if (error) throw IoError(background_file(id).string() + " cannot be removed (" + error.message() + ")", true);
}

void KeptScanFiles::write(StoredDark const& dark) {
    replace_sealed(directory_ / "dark.sqdk", scan_mark, ++sequence_, dark_bytes(dark, conditions_));
}

} // namespace sqd
